import { bytes as bytesOf } from '../shell/format.js';
import { t } from '../shell/i18n.js';

export { bytesOf };

/** A larger file is refused before anything is sent. */
export const MOST_BYTES = 10_000_000;
const MOST_CHARS = 1_000_000;
/** Their text is taken out by the coordinator, which keeps nothing. */
const BY_COORDINATOR = new Set(['pdf', 'docx']);

/** Why the coordinator may refuse a file. */
const CODES = new Set(['too_large', 'unknown_kind', 'unreadable', 'encrypted', 'no_text', 'too_long', 'too_demanding', 'busy']);

/** What the file dialogue offers; any other file that holds text may be dropped as well. */
export const ACCEPTED = ['.txt', '.md', '.csv', '.tsv', '.json', '.xml', '.html', '.css', '.js', '.ts', '.py', '.java', '.c',
  '.h', '.cpp', '.rs', '.go', '.rb', '.php', '.sh', '.sql', '.yaml', '.yml', '.toml', '.tex', '.log', '.pdf', '.docx'].join(',');

/** A file that cannot be attached; the message says why, in the reader's language. */
export class AttachmentError extends Error {}

/**
 * Takes the text out of a file.
 *
 * @param {File} file
 * @param {AbortSignal} signal
 * @returns {Promise<{name: string, text: string, bytes: number}>}
 */
export async function readAttachment(file, signal) {
  if (file.size > MOST_BYTES) {
    throw new AttachmentError(t('chat.attach.tooLarge', { name: file.name, most: bytesOf(MOST_BYTES) }));
  }
  const ending = file.name.split('.').at(-1).toLowerCase();
  const text = BY_COORDINATOR.has(ending) ? await fromCoordinator(file, signal) : await fromText(file);
  if (text.trim() === '') {
    throw new AttachmentError(t('chat.attach.empty', { name: file.name }));
  }
  if (text.length > MOST_CHARS) {
    throw new AttachmentError(t('chat.attach.tooLong', { name: file.name }));
  }
  return { name: file.name, text, bytes: file.size };
}

/** How the model reads a question and what is attached to it. */
export function withAttachments(message) {
  const files = (message.attachments ?? []).map(({ name, text }) => {
    const fence = '`'.repeat(Math.max(3, longestRun(text, '`') + 1));
    return `${name}:\n${fence}\n${text}\n${fence}`;
  });
  return [...files, message.text].join('\n\n');
}

async function fromText(file) {
  const bytes = await file.arrayBuffer();
  for (const encoding of ['utf-8', ...(startsWithUtf16Mark(bytes) ? ['utf-16'] : []), 'windows-1252']) {
    const text = decode(bytes, encoding);
    if (text !== null) {
      return text.replace(/\r\n?/g, '\n');
    }
  }
  throw new AttachmentError(t('chat.attach.notText', { name: file.name }));
}

function startsWithUtf16Mark(bytes) {
  const [first, second] = new Uint8Array(bytes.slice(0, 2));
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** The text, or null where the bytes are no text in this encoding. */
function decode(bytes, encoding) {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

async function fromCoordinator(file, signal) {
  let response;
  try {
    response = await fetch('/api/attachments/text', {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: file,
      cache: 'no-store',
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new AttachmentError(t('chat.attach.unreachable', { name: file.name }), { cause: error });
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || typeof body?.text !== 'string') {
    const code = body?.error?.code;
    throw new AttachmentError(t('chat.attach.refused', { name: file.name,
      reason: CODES.has(code) ? t(`chat.attach.${code}`) : body?.error?.message ?? response.status }));
  }
  return body.text;
}

function longestRun(text, character) {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === character ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
