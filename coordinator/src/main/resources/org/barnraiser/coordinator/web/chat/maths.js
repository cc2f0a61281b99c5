import { script } from '../shell/script.js';

/** Shows the formulas in an element as MathML, which every current browser draws and screen readers can read. */
export async function typeset(element) {
  const formulas = element.querySelectorAll('code.math');
  if (formulas.length === 0) {
    return;
  }
  await script('katex');
  for (const formula of formulas) {
    const shown = document.createElement('span');
    shown.className = formula.className;
    try {
      window.katex.render(formula.textContent, shown, {
        output: 'mathml',
        displayMode: formula.classList.contains('math-block'),
        throwOnError: true,
        trust: false,
        maxExpand: 200,
        maxSize: 20,
      });
      formula.replaceWith(shown);
    } catch {
      // What is not a formula stays as it was written.
    }
  }
}
