import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HOSTILE_NAMES, testPage } from '../testing/page.ts';
import { failureOf } from '../testing/thrown.ts';
import { encodeTree } from './encode-tree.ts';
import { fillPage } from './fill-page.ts';

const TEMPLATE =
  '<title><!--pith:title--></title><script type="application/json"><!--pith:data--></script><script>0</script><script type="x"><!--pith:tree--></script>';

function partsOf(page: string): string[] {
  const match =
    /^<title>([^<]*)<\/title><script type="application\/json">([^<]*)<\/script><script>0<\/script><script type="x">([^<]*)<\/script>$/.exec(
      page,
    );
  if (!match) throw new Error('the page has other elements than its template');
  return match.slice(1);
}

describe('data in a page', () => {
  it('cannot leave their elements, whatever they say', () => {
    const data = testPage({ files: 50, isDifference: true });
    for (const name of HOSTILE_NAMES) {
      const [, json = ''] = partsOf(fillPage({ ...data, image: { ...data.image, name } }, TEMPLATE));
      expect(JSON.parse(json)).toMatchObject({ version: '0.1.0', before: { name: data.before?.name } });
    }
  });

  it('hold the tree, compressed', () => {
    const data = testPage({ files: 50 });
    const [, json = '', tree = ''] = partsOf(fillPage(data, TEMPLATE));
    expect(JSON.parse(json)).not.toHaveProperty('tree');
    expect(gunzipSync(Buffer.from(tree, 'base64')).equals(encodeTree(data.tree))).toBe(true);
  });

  it('say paths as the tree says them, so that links find them', () => {
    const data = testPage({ files: 1 });
    const table = {
      id: 't',
      title: 'T',
      empty: '',
      columns: [{ title: 'P', kind: 'path' }],
      rows: [['a\\b\udcff']],
    } as const;
    const [, json = ''] = partsOf(
      fillPage(
        {
          ...data,
          findings: [{ rule: 'r', severity: 'note', message: 'm', path: 'a\\b\udcff' }],
          tables: [table],
        },
        TEMPLATE,
      ),
    );
    expect(JSON.parse(json)).toMatchObject({
      findings: [{ path: 'a\\\\b\\xff' }],
      tables: [{ rows: [['a\\\\b\\xff']] }],
    });
  });

  it('are the same bytes every time', () => {
    expect(fillPage(testPage(), TEMPLATE)).toBe(fillPage(testPage(), TEMPLATE));
  });

  it('need a template with one place for each', () => {
    for (const template of ['', TEMPLATE + TEMPLATE])
      expect(failureOf(() => fillPage(testPage({ files: 1 }), template))).toMatchObject({ code: 'INTERNAL' });
  });
});
