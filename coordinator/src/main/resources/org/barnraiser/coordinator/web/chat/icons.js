import { svg } from 'lit-html';

/** Small pictures on buttons; what a button does is always said in words as well. */
function icon(path) {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
}

export const ICONS = {
  attach: icon('M8 12.5 14.5 6a3 3 0 0 1 4.3 4.3l-8.6 8.6a5 5 0 0 1-7-7L11 4'),
  close: icon('M6 6l12 12M18 6 6 18'),
  menu: icon('M4 7h16M4 12h16M4 17h16'),
  more: icon('M5 12h.01M12 12h.01M19 12h.01'),
  add: icon('M12 5v14M5 12h14'),
  settings: icon('M4 8h9M17 8h3M4 16h3M11 16h9M15 5v6M9 13v6'),
  send: icon('M12 20V5M5 12l7-7 7 7'),
  stop: icon('M7 7h10v10H7z'),
  down: icon('M12 5v14M5 12l7 7 7-7'),
  pin: icon('M9 4h6l-1 6 4 4H6l4-4zM12 14v6'),
  earlier: icon('M15 6l-6 6 6 6'),
  later: icon('M9 6l6 6-6 6'),
};
