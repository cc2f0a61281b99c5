/** Lets files be dropped anywhere on the page. */
export function addDropping(page) {
  const holdsFiles = event => event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragover', event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (!page.state.dropping) page.set({ dropping: true });
  });
  document.addEventListener('dragleave', event => {
    if (event.relatedTarget === null) page.set({ dropping: false });
  });
  document.addEventListener('drop', event => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    page.set({ dropping: false });
    page.draft.add(event.dataTransfer.files);
    page.focusQuestion();
  });
}
