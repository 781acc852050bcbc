import { render } from 'preact';
import { App } from './app.tsx';
import { readReport, readTree } from './load.ts';
import type { Shown } from './report.ts';
import { atOnce } from './slices.ts';

const root = document.getElementById('page');
let shown: Shown = { report: readReport(), tree: undefined };

function draw(isPrinting = false): void {
  if (root) render(<App shown={shown} isPrinting={isPrinting} />, root);
}

draw();
addEventListener('beforeprint', () => {
  // Each time what was computed the time before is drawn: what matches, the rows of it, the cells of these.
  atOnce(() => {
    for (let round = 0; round < 3; round++) draw(true);
  });
});
addEventListener('afterprint', () => {
  draw();
});
readTree().then(
  (tree) => {
    shown = { ...shown, tree };
    draw();
  },
  (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    shown = { ...shown, fault: `The list of files cannot be shown. ${why}` };
    draw();
  },
);
