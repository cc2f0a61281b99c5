import { copyText } from './clipboard.js';
import { t } from '../shell/i18n.js';
import { announce } from '../shell/shell.js';
import { script } from '../shell/script.js';

/** Colouring longer code would hold up the page. */
const MOST_HIGHLIGHTED_CHARS = 40_000;

/** Puts a line with the language and a copy button above a block of code. */
export function codeFrame(pre) {
  const code = pre.querySelector('code');
  const frame = document.createElement('div');
  frame.className = 'code-frame';
  const bar = document.createElement('div');
  bar.className = 'code-bar';
  const label = document.createElement('span');
  label.textContent = languageOf(code) ?? t('chat.code.plain');
  bar.append(label, copyButton(code));
  pre.tabIndex = 0;
  frame.append(bar, pre.cloneNode(false));
  frame.lastChild.append(code);
  return frame;
}

/** Colours a finished block of code, if its language is said and known. */
export async function addHighlight(code) {
  const language = languageOf(code);
  if (!language || code.textContent.length > MOST_HIGHLIGHTED_CHARS) {
    return;
  }
  await script('highlight.js');
  const highlighter = window.hljs;
  if (highlighter.getLanguage(language)) {
    // The highlighter escapes the code and adds nothing but spans with classes.
    code.innerHTML = highlighter.highlight(code.textContent, { language, ignoreIllegals: true }).value;
  }
}

function languageOf(code) {
  const name = [...code.classList].find((each) => each.startsWith('language-'));
  return name?.slice('language-'.length);
}

function copyButton(code) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain';
  button.textContent = t('chat.code.copy');
  button.addEventListener('click', async () => {
    const sentence = t(await copyText(code.textContent) ? 'chat.code.copied' : 'chat.code.notCopied');
    button.textContent = sentence;
    announce(sentence);
    setTimeout(() => { button.textContent = t('chat.code.copy'); }, 2000);
  });
  return button;
}
