// A classic script in the head, so that the chosen theme is there before anything is painted.
(() => {
  try {
    const theme = localStorage.getItem('barnraiser.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // No storage: the system's theme it is.
  }
})();
