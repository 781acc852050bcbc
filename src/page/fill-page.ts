import { gzipSync } from 'node:zlib';
import { PithError } from '../core/index.ts';
import type { PageData } from './data.ts';
import { encodeTree } from './encode-tree.ts';
import { escapedJson, escapeHtml, escapeName } from './escape.ts';

/** What stands in the template where the title, the data and the tree come. */
const PLACES = ['<!--pith:title-->', '<!--pith:data-->', '<!--pith:tree-->'] as const;

/**
 * Puts data into the page: everything but the tree as JSON, which is shown at once, and the tree as gzip in base64,
 * which is unpacked behind the first paint. Nothing in the data can end the elements that they are in.
 * @param template `dist/page.html`
 * @returns the HTML document, UTF-8
 * @throws PithError INTERNAL for a template without its places, or a tree that is none
 */
export function fillPage(data: PageData, template: string): string {
  const { tree, findings, tables, ...rest } = data;
  const name = data.before ? `${data.before.name} → ${data.image.name}` : data.image.name;
  const shown = {
    ...rest,
    ...(findings && {
      findings: findings.map((finding) =>
        finding.path === undefined ? finding : { ...finding, path: escapeName(finding.path) },
      ),
    }),
    ...(tables && { tables: tables.map(withEscapedPaths) }),
  };
  const values = [
    escapeHtml(`${name} · pith`),
    escapedJson(shown),
    gzipSync(encodeTree(tree)).toString('base64'),
  ];
  return PLACES.reduce((page, place, at) => {
    const [before, after, ...more] = page.split(place);
    if (before === undefined || after === undefined || more.length > 0)
      throw new PithError('INTERNAL', `the template of the page does not have one ${place}`);
    return `${before}${values[at] ?? ''}${after}`;
  }, template);
}

function withEscapedPaths(
  table: NonNullable<PageData['tables']>[number],
): NonNullable<PageData['tables']>[number] {
  const rows = table.rows.map((row) =>
    row.map((value, at) =>
      table.columns[at]?.kind === 'path' && typeof value === 'string' ? escapeName(value) : value,
    ),
  );
  return { ...table, rows };
}
