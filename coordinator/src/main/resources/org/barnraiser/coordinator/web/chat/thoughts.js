const BEGIN = /^\s*<think>/;
const END = '</think>';

/**
 * Parts what a model thinks aloud, as many do before they answer, from its answer.
 *
 * @returns {{thoughts: string, answer: string}} thoughts: empty for most models
 */
export function partThoughts(text) {
  const begin = BEGIN.exec(text)?.[0].length ?? 0;
  const end = text.indexOf(END);
  if (end >= 0) {
    return { thoughts: text.slice(begin, end).trim(), answer: text.slice(end + END.length).trimStart() };
  }
  return begin > 0 ? { thoughts: text.slice(begin).trimStart(), answer: '' } : { thoughts: '', answer: text };
}
