import { readFileSync } from 'node:fs';
import { fillPage, type PageData } from '../page/index.ts';

/**
 * The report as one HTML document that needs nothing else: no network, no other file.
 * @returns UTF-8 text, to be written as it is
 * @throws PithError INTERNAL for a tree whose entries come before their folder, or numbers that are none
 */
export function renderPage(data: PageData): string {
  return fillPage(data, readFileSync(templateUrl(), 'utf8'));
}

/** The bundled chunks lie beside the file; the sources find it in dist/. */
function templateUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? '../../dist/page.html' : './page.html', import.meta.url);
}
