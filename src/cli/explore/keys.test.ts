import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { helpLines, PANE_TITLES } from './help-lines.ts';
import { actionOf, EVERYWHERE, KEYS, type Pane } from './keys.ts';

const DOCS = fileURLToPath(new URL('../../../docs/explore.md', import.meta.url));
const PANES = Object.keys(KEYS) as Pane[];

describe('keys', () => {
  it.each(PANES)('have one meaning each: %s', (pane) => {
    const keys = KEYS[pane].flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(PANES)('close or quit with q and always end with Ctrl+C: %s', (pane) => {
    expect(['close', 'quit']).toContain(actionOf(pane, 'q'));
    expect(actionOf(pane, '?')).toBe('help');
  });

  it('of dive mean the same here', () => {
    const dive = [
      ['files', 'Ctrl+A', 'added'],
      ['files', 'Ctrl+R', 'removed'],
      ['files', 'Ctrl+U', 'unchanged'],
      ['files', 'Ctrl+F', 'search'],
      ['files', 'Space', 'collapse'],
      ['files', 'Ctrl+Space', 'collapse-all'],
      ['files', 'Ctrl+B', 'attributes'],
      ['files', 'Ctrl+O', 'sort'],
      ['files', 'Ctrl+E', 'extract'],
      ['layers', 'Ctrl+A', 'aggregate'],
      ['layers', 'Ctrl+L', 'only-layer'],
      ['layers', 'Tab', 'next-pane'],
      ['layers', 'q', 'quit'],
    ] as const;
    for (const [pane, key, action] of dive) expect(actionOf(pane, key), key).toBe(action);
  });

  it('are all in the help and in docs/explore.md, in the same words', () => {
    const docs = readFileSync(DOCS, 'utf8');
    const rows = docs
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
    const sections = [EVERYWHERE, ...Object.keys(PANE_TITLES).map((pane) => KEYS[pane as Pane])];
    const expected = sections.flatMap((bindings) =>
      bindings.map(({ keys, help }) => [keys.map((key) => `\`${key}\``).join(', '), help]),
    );
    expect(rows).toEqual(expected);
    for (const title of ['Everywhere', ...Object.values(PANE_TITLES)])
      expect(docs).toContain(`### ${title}\n`);
    expect(helpLines().filter(({ help }) => help !== '')).toHaveLength(expected.length);
  });
});
