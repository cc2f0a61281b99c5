import DOMPurify from 'dompurify';
import { Marked } from 'marked';

/** Everything a model may write; what is not listed never reaches the page. */
const SANITIZE = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 'del', 'code', 'pre', 'blockquote',
    'ul', 'ol', 'li', 'input', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'a', 'sub', 'sup'],
  ALLOWED_ATTR: ['href', 'title', 'class', 'start', 'type', 'checked', 'disabled', 'align'],
  // Their values are no addresses, so they need not look like one.
  ADD_URI_SAFE_ATTR: ['start', 'type', 'checked', 'disabled', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const HARMLESS_HTML = /^<\/?(?:br|sub|sup)\s*\/?>$/i;
const CLASSES = /^(?:language-[\w+#.-]{1,30}|math|math-block)$/;

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // Most HTML in an answer is meant to be read, as in an answer about HTML.
    html: ({ text }) => (HARMLESS_HTML.test(text.trim()) ? text : escape(text)),
    // Loading a picture would tell its server who reads what, so a picture becomes a link.
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
  },
  extensions: [
    maths('mathBlock', 'block', /^(?:\$\$([^$]+?)\$\$|\\\[([\s\S]+?)\\\])(?:\n|$)/, /\$\$|\\\[/),
    maths('mathInline', 'inline', /^(?:\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\$\$([^$\n]+?)\$\$|\$(?!\s)([^$\n]+?)(?<!\s)\$(?!\d))/,
      /\$|\\\(|\\\[/),
  ],
});

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer');
  } else if (node.tagName === 'INPUT') {
    // The only input that Markdown has is the box of a task list.
    node.setAttribute('type', 'checkbox');
    node.setAttribute('disabled', '');
  }
  if (node.hasAttribute('class')) {
    const kept = [...node.classList].filter((name) => CLASSES.test(name));
    kept.length > 0 ? node.setAttribute('class', kept.join(' ')) : node.removeAttribute('class');
  }
});

/**
 * Cuts Markdown into its top-level blocks. Joined, their raw texts are the whole text again. A list at the end is cut before its last
 * entry; the part before it goes on.
 *
 * @returns {{raw: string, tokens: object[], goesOn: ?boolean}[]}
 */
export function blocks(text) {
  const found = [];
  for (const token of marked.lexer(text)) {
    if (token.type === 'space' && found.length > 0) {
      found.at(-1).raw += token.raw;
    } else {
      found.push({ raw: token.raw, tokens: [token] });
    }
  }
  return found.length > 0 ? [...found.slice(0, -1), ...cutList(found.at(-1))] : found;
}

function cutList(block) {
  const [list] = block.tokens;
  const before = list.items?.slice(0, -1) ?? [];
  const raw = before.map(item => item.raw).join('');
  if (before.length === 0 || !block.raw.startsWith(raw)) {
    return [block];
  }
  const start = list.ordered ? Number(list.start) + before.length : '';
  return [
    { raw, tokens: [{ ...list, raw, items: before }], goesOn: true },
    { raw: block.raw.slice(raw.length), tokens: [{ ...list, start, items: list.items.slice(-1) }] },
  ];
}

/**
 * @param {{tokens: object[]}} block
 * @returns {DocumentFragment} without anything that runs, loads or sends
 */
export function toDom(block) {
  return DOMPurify.sanitize(marked.parser(block.tokens), SANITIZE);
}

/** The text of an open or finished block of code, or null for any other block. */
export function codeOf(block) {
  const token = block.tokens[0];
  return token.type === 'code' ? { text: token.text, language: (token.lang ?? '').split(/\s/)[0] } : null;
}

function maths(name, level, rule, start) {
  return {
    name,
    level,
    start: (source) => source.match(start)?.index,
    tokenizer(source) {
      const match = rule.exec(source);
      if (!match) {
        return undefined;
      }
      const tex = match.slice(1).find((group) => group !== undefined).trim();
      return { type: name, raw: match[0], tex, display: level === 'block' || /^(?:\$\$|\\\[)/.test(match[0]) };
    },
    renderer: ({ tex, display }) => (level === 'block'
      ? `<p><code class="math math-block">${escape(tex)}</code></p>`
      : `<code class="math${display ? ' math-block' : ''}">${escape(tex)}</code>`),
  };
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
