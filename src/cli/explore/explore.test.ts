import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Explored, explored } from '../../testing/explored.ts';
import type { LayerFiles } from '../../testing/layered-image.ts';
import { isShownItself } from './tree-rows.ts';

const LAYERS: readonly LayerFiles[] = [
  {
    bin: '-> usr/bin',
    'etc/app.conf': 'port = 80\nname = app\n',
    'etc/old.conf': 'gone\n',
    'usr/bin/run.sh': { content: '#!/bin/sh\necho hello\n', mode: 0o4755 },
    'usr/lib/libbig.so.1': 'x'.repeat(3000),
    'usr/lib/libbig.so': '-> libbig.so.1',
    'usr/share/data.bin': Buffer.from([0, 1, 2, 255]),
    'usr/share/lost': '-> /nowhere',
    'var/lib/dpkg/status.d/base': 'Package: base\nVersion: 1.2\nArchitecture: amd64\nDescription: files\n',
    'var/lib/dpkg/status.d/base.md5sums': `${'0'.repeat(32)}  usr/lib/libbig.so.1\n${'0'.repeat(32)}  usr/bin/run.sh\n`,
  },
  { 'etc/app.conf': 'port = 8080\n', 'etc/.wh.old.conf': '', 'app/server': 'a program' },
  { 'app/notes.txt': 'one\ntwo\nthree\nthe end\n' },
];
const HISTORY = {
  history: [
    { created_by: '/bin/sh -c #(nop) ADD file:1234 in / ' },
    { created_by: 'ENV A=b', empty_layer: true },
    { created_by: 'COPY app /app # buildkit' },
    { created_by: '/bin/sh -c echo notes' },
  ],
};

async function open(...keys: string[]): Promise<Explored> {
  const view = await explored(LAYERS, HISTORY);
  await view.press(...keys);
  return view;
}

/** What is in the right half, without empty lines. */
function rowsOf(view: Explored): string[] {
  const lines = view.screen().split('\n').slice(2, -2);
  return lines.map((line) => line.slice(line.indexOf('│') + 1).trimEnd()).filter((line) => line !== '');
}

/** Names of what is in the tree, as it is indented, with the change. */
function treeOf(view: Explored): string[] {
  return rowsOf(view).map((row) => row.slice(9).trimEnd());
}

function selectedPath({ state: { files } }: Explored): string {
  return files.rows.layers.tree.path(files.selected);
}

describe('the first screen', () => {
  it('shows layers, files, details and keys', async () => {
    expect((await open()).screen()).toMatchInlineSnapshot(`
      " oci:images                  linux/amd64  3 layers  11 files and links  3.24 kB
      ─ Layers ─────────────────────│─ Files, changes of layer 3, by name ────────────
       1    473 B ADD file:1234 in /│    31 B ~ ▸ app/
       2    173 B COPY app /app     │             bin -> usr/bin
       3    121 B RUN echo notes    │    12 B   ▸ etc/
      ─ Details ────────────────────│ 3.02 kB   ▸ usr/
       path     /app                │   169 B   ▸ var/
       type     folder              │
       size     31 B in 2 files     │
       mode     drwxr-xr-x 0755 0:0 │
       layer    2, changed          │
       time     1970-01-01          │
                00:00:00 UTC        │
                                    │
                                    │
                                    │
                                    │
                                    │
                                    │
                                    │
                                    │
                                    │

       ? help  Tab other side  q quit  Enter open  / search  s sort  t type  b bigges…"
    `);
  });

  it('shows one side at a time where there is no room for two', async () => {
    const view = await explored(LAYERS, { ...HISTORY, size: { columns: 40, rows: 10 } });
    expect(view.screen()).toMatchInlineSnapshot(`
      " oci:images                     3.24 kB
      ─ Files, changes of layer 3, by name ───
          31 B ~ ▸ app/
                   bin -> usr/bin
          12 B   ▸ etc/
       3.02 kB   ▸ usr/
         169 B   ▸ var/


       ? help  Tab other side  q quit  Enter …"
    `);
    await view.press('Tab');
    expect(view.screen()).toMatchInlineSnapshot(`
      " oci:images                     3.24 kB
      ─ Layers ───────────────────────────────
       2    173 B COPY app /app
       3    121 B RUN echo notes
      ─ Layer 3 ──────────────────────────────
       stored   121 B, 2.05 kB unpacked
       entries  1
       changes  +1 ~0 -0

       ? help  Tab other side  q quit  Enter …"
    `);
  });

  it('has no character beyond ASCII in a locale without them', async () => {
    const view = await explored([{ 'n\u00e4me': 'x', 'a/b': 'y' }], { unicode: false });
    await view.press('+');
    expect(view.screen()).toMatch(/^[\x20-\x7e\n]*$/);
    expect(view.screen()).toContain('n\\u{e4}me');
  });

  it('never holds what acts on a terminal, wherever the image says it', async () => {
    const evil = 'a\x1b[31m\x07\n\u202eb\u0085';
    const view = await explored([{ [evil]: `${evil}\n`, link: `-> ${evil}`, 'usr/bin/x': `#!${evil}\n` }], {
      history: [{ created_by: evil }],
      architecture: 'amd64\x1b[31m',
    });
    const seen = [view.screen()];
    for (const key of 'j j k k Enter x Esc Tab e Esc / Esc + G Enter Esc t j Enter'.split(' ')) {
      await view.press(key);
      seen.push(view.screen());
    }
    for (const screen of seen) expect(screen).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(seen[0]).toContain('a\\x1b[31m\\x07\\n\\u{202e}b\\u{85}');
  });

  it.each([
    [200, 50],
    [80, 24],
    [61, 7],
    [60, 24],
    [59, 24],
    [20, 6],
    [19, 5],
    [1, 1],
    [400, 3],
  ])('fills %i columns and %i rows, whatever is shown', async (columns, rows) => {
    const view = await explored(LAYERS, { ...HISTORY, size: { columns, rows } });
    for (const key of [
      '+',
      's',
      'Tab',
      '?',
      'Esc',
      'p',
      'Esc',
      'Tab',
      't',
      'Esc',
      '/',
      'x',
      'Esc',
      'e',
      'Esc',
      'i',
    ]) {
      await view.press(key);
      const lines = view.screen().split('\n');
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('keeps what is selected on the screen when that changes', async () => {
    const view = await open('+', 'G');
    const name = selectedPath(view);
    for (const rows of [24, 8, 50, 6]) {
      view.resize({ columns: 80, rows });
      expect(selectedPath(view)).toBe(name);
      expect(view.screen()).toContain('base.md5sums');
    }
  });
});

describe('layers', () => {
  it('show what each of them changes', async () => {
    expect(treeOf(await open('Tab', 'k', 'Tab', '+')).slice(0, 6)).toEqual([
      '+ ▾ app/',
      '+     server',
      '    bin -> usr/bin',
      '~ ▾ etc/',
      '~     app.conf',
      '-     old.conf',
    ]);
  });

  it('show only what is there up to them', async () => {
    const view = await open('Tab', 'g');
    expect(treeOf(view)).toEqual(['+   bin -> usr/bin', '+ ▸ etc/', '+ ▸ usr/', '+ ▸ var/']);
    expect(view.line(1)).toContain('Files up to layer 1, its changes, by name');
  });

  it('show what all of them change since the first', async () => {
    const view = await open('+', 'Tab', 'a');
    expect(treeOf(view).slice(0, 7)).toEqual([
      '+ ▾ app/',
      '+     notes.txt',
      '+     server',
      '    bin -> usr/bin',
      '~ ▾ etc/',
      '~     app.conf',
      '-     old.conf',
    ]);
    await view.press('c');
    expect(treeOf(view)[0]).toBe('~ ▾ app/');
  });

  it('say what they are', async () => {
    const view = await open('Tab', 'k');
    expect(view.screen()).toContain(' made by  COPY app /app');
    expect(view.screen()).toContain(' changes  +1 ~1 -1');
  });

  it('leave the selected file and the folders as they are', async () => {
    const view = await open('j', 'j', 'l', 'j', 'Tab', 'k');
    expect(selectedPath(view)).toBe('etc/app.conf');
    expect(treeOf(view)).toContain('~     app.conf');
  });
});

describe('the tree', () => {
  it.each<[string, string[], string]>([
    ['down and up', ['j', 'j', 'k'], 'bin'],
    ['not above the first row', ['k'], 'app'],
    ['not below the last row', ['G', 'j'], 'var'],
    ['to the end and back', ['G', 'g'], 'app'],
    ['into a folder', ['l', 'l'], 'app/notes.txt'],
    ['out of a folder', ['l', 'l', 'h'], 'app'],
    ['through a link with Enter', ['j', 'Enter'], 'usr/bin'],
    ['back from there', ['j', 'Enter', 'Backspace'], 'bin'],
    ['to the largest file', ['b'], 'usr/lib/libbig.so.1'],
    ['to the next largest', ['b', 'n'], 'var/lib/dpkg/status.d/base.md5sums'],
    ['by pages', ['+', 'PageDown', 'PageUp', 'PageDown'], 'var/lib/dpkg/status.d/base'],
  ])('leads %s', async (_, keys, path) => {
    expect(selectedPath(await open(...keys))).toBe(path);
  });

  it.each<[string, string[], string[]]>([
    ['size', ['s'], ['▸ usr/', '▸ var/', '▸ app/', '▸ etc/', 'bin -> usr/bin']],
    ['change', ['s', 's'], ['▸ app/', 'bin -> usr/bin', '▸ etc/', '▸ usr/', '▸ var/']],
    ['name again', ['s', 's', 's'], ['▸ app/', 'bin -> usr/bin', '▸ etc/', '▸ usr/', '▸ var/']],
  ])('is sorted by %s', async (_, keys, names) => {
    expect(treeOf(await open(...keys)).map((row) => row.slice(2).trim())).toEqual(names);
  });

  it.each<[string, string[], string[]]>([
    ['what was added alone', ['u', 'm', 'r'], ['+ ▾ app/', '+     server']],
    ['what was removed alone', ['u', 'm', 'a'], ['~ ▾ etc/', '-     old.conf']],
    ['what was changed alone', ['u', 'Ctrl+A', 'Ctrl+R'], ['~ ▾ etc/', '~     app.conf']],
  ])('shows %s', async (_, keys, rows) => {
    const view = await open('Tab', 'k', 'Tab', '+', ...keys);
    expect(treeOf(view)).toEqual(rows);
  });

  it('shows everything again after Esc', async () => {
    const view = await open('u', 'a');
    expect(view.line(-2)).toContain('hidden: unchanged, added');
    await view.press('Esc');
    expect(treeOf(view)).toHaveLength(5);
  });

  it('shows mode and owner when asked', async () => {
    const view = await explored(LAYERS, { ...HISTORY, size: { columns: 120, rows: 24 } });
    await view.press('/');
    await view.type('run.sh');
    await view.press('Enter');
    expect(view.screen()).toContain('-rwsr-xr-x 0:0');
    await view.press('i');
    expect(rowsOf(view).at(-1)).toMatch(/^ {4}21 B {9}run\.sh$/);
  });

  it('says where a link of a circle leads', async () => {
    const view = await explored([{ a: '-> b', b: '-> a' }]);
    await view.press('Enter');
    expect(view.line(-2)).toBe(' The link leads nowhere in these layers.');
  });
});

describe('a search', () => {
  it.each<[string, string[]]>([
    ['libbig', ['usr/lib/libbig.so', 'usr/lib/libbig.so.1']],
    ['*.so', ['usr/lib/libbig.so']],
    ['etc/', ['etc/app.conf']],
    ['/usr/SHARE', []],
    ['/usr/share', ['usr/share/data.bin', 'usr/share/lost']],
    ['**/lib/*.1', ['usr/lib/libbig.so.1']],
    ['nothing like it', []],
  ])('for %j finds %j', async (text, paths) => {
    const view = await open('/');
    await view.type(text);
    await view.press('Enter');
    const { rows } = view.state.files;
    const { tree } = rows.layers;
    const found = [...tree.walk()].filter((id) => isShownItself(rows, id) && tree.type(id) !== 'directory');
    expect(found.map((id) => tree.path(id))).toEqual(paths);
  });

  it('selects the first that it finds', async () => {
    const view = await open('/');
    await view.type('/usr/share');
    expect(selectedPath(view)).toBe('usr/share');
  });

  it('goes on with every key and is undone by Esc', async () => {
    const view = await open('/', 'l', 'i', 'b');
    expect(treeOf(view).map((row) => row.trim())).toContain('libbig.so -> libbig.so.1');
    await view.press('Esc');
    expect(treeOf(view)).toHaveLength(5);
  });

  it('closes the folders that it opened', async () => {
    const view = await open('/', 'l', 'i', 'b', 'Enter', 'g', 'Esc');
    expect(treeOf(view).map((row) => row.slice(2).trim())).toContain('▸ var/');
  });

  it('finds in what is pasted, without line ends', async () => {
    const view = await open('/');
    view.paste('app\n.conf');
    await view.press('Enter');
    expect(view.line(-2)).toContain('search: app.conf  1 file,');
  });
});

describe('types of content', () => {
  it('are counted and shown', async () => {
    const view = await open('t');
    expect(view.screen()).toMatchInlineSnapshot(`
      " oci:images                  linux/amd64  3 layers  11 files and links  3.24 kB
      ─ Types of content ─────────────────────────────────────────────────────────────
              0  programs and libraries (ELF)
              1  scripts
              ?  text
              0  certificates
              2  package databases
              0  licences
              0  accounts
              0  shells, package managers, network tools
              0  keys and tokens
              1  setuid and setgid











       Enter show  Esc close"
    `);
    await view.press('j', 'Enter');
    expect(view.line(-2)).toContain('type: scripts  1 file, 21 B');
  });

  it('know text after reading all files', async () => {
    const view = await open('t', 'j', 'j', 'Enter');
    expect(view.line(-2)).toContain('type: text  7 files');
    expect(treeOf(view).join('\n')).not.toContain('data.bin');
  });
});

describe('packages', () => {
  it('are listed, and their files shown', async () => {
    const view = await open('p');
    expect(view.line(2)).toBe('  3.02 kB deb    base                      1.2');
    await view.press('Enter');
    expect(treeOf(view).map((row) => row.trim())).toEqual([
      '▾ usr/',
      '▾ bin/',
      'run.sh',
      '▾ lib/',
      'libbig.so.1',
    ]);
    expect(view.line(-2)).toContain('files of base  2 files, 3.02 kB');
  });

  it('say which one owns a file', async () => {
    const view = await open('b');
    expect(view.screen()).toContain(' package  base 1.2');
    await view.press('o');
    expect(view.line(-2)).toContain('files of base');
    await view.press('Esc', 'g', 'l', 'l', 'o');
    expect(view.line(-2)).toBe(' No package owns it.');
  });

  it('leave files that none owns', async () => {
    expect((await open('p', 'u')).line(-2)).toContain('files of no package  9 files');
  });

  it('are searched by name', async () => {
    expect((await open('p', '/', 'x')).line(1)).toContain('0 packages with x in the name');
  });
});

describe('the content of a file', () => {
  it('is shown as text', async () => {
    const view = await open('l', 'l', 'Enter');
    expect(view.screen().split('\n').slice(1, 7).join('\n')).toMatchInlineSnapshot(`
      "─ /app/notes.txt  22 B  lines 1-4 of 4 ─────────────────────────────────────────
      one
      two
      three
      the end
      "
    `);
    await view.press('Esc');
    expect(selectedPath(view)).toBe('app/notes.txt');
  });

  it('is searched', async () => {
    const view = await open('l', 'l', 'Enter', '/', 't', 'h', 'Enter');
    expect(view.state.overlay).toMatchObject({ found: 8 });
    await view.press('n');
    expect(view.state.overlay).toMatchObject({ found: 14 });
    await view.press('n', 'N');
    expect(view.state.overlay).toMatchObject({ found: 14 });
    await view.press('/', '!', 'Enter');
    expect(view.line(-2)).toBe(' It is not in this file.');
  });

  it('is shown in hex where it is none', async () => {
    const view = await open('/', 'd', 'a', 't', 'a', 'Enter', 'v');
    expect(view.line(2)).toBe(`00000000  00 01 02 ff${' '.repeat(39)}....`);
  });
});

describe('extracting', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-explore-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function openHere(...keys: string[]): Promise<Explored> {
    const view = await explored(LAYERS, { ...HISTORY, folder });
    await view.press(...keys);
    return view;
  }

  it('writes a file, and asks before it replaces one', async () => {
    const view = await openHere('l', 'l', 'e');
    expect(view.line(-2)).toBe(' extract to: ./notes.txt');
    await view.press('Enter');
    expect(view.line(-2)).toBe(` 1 file, 22 B, extracted to ${join(folder, 'notes.txt')}`);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await view.press('e', 'Enter', 'n');
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    await view.press('e', 'Enter', 'y');
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('one\ntwo\nthree\nthe end\n');
  });

  it('writes a folder under a name that is typed', async () => {
    const view = await openHere('/', 'u', 's', 'r', 'Enter', 'Esc', 'e', 'Ctrl+U');
    await view.type('out');
    await view.press('Enter');
    expect(view.line(-2)).toContain('3 files, 3.02 kB, extracted to');
    expect(statSync(join(folder, 'out/bin/run.sh')).mode & 0o7777).toBe(0o755);
    expect(readlinkSync(join(folder, 'out/lib/libbig.so'))).toBe('libbig.so.1');
    await view.press('e', 'Ctrl+U');
    await view.type('out');
    await view.press('Enter');
    expect(view.line(-2)).toContain('out is there already. Give it another name.');
  });

  it('says why it cannot', async () => {
    const view = await openHere('l', 'l', 'e', 'Ctrl+U');
    await view.type('absent/x');
    await view.press('Enter');
    expect(view.line(-2)).toContain('there is no such file or folder');
  });
});

describe('everywhere', () => {
  it('the help lists all keys', async () => {
    const view = await open('?');
    expect(view.line(3)).toBe('   ?                   all keys');
    await view.press('G');
    expect(view.screen()).toContain('Types of content');
    await view.press('q');
    expect(treeOf(view)).toHaveLength(5);
  });

  it.each([
    ['q', 'quit'],
    ['Ctrl+C', 'quit'],
    ['Ctrl+Z', 'suspend'],
  ])('%s is %s', async (key, what) => {
    expect((await open(key)).asked).toEqual([what]);
  });

  it('Ctrl+C quits from a question and from every pane', async () => {
    expect((await open('/', 'q', 'Ctrl+C')).asked).toEqual(['quit']);
    expect((await open('p', 'Ctrl+C')).asked).toEqual(['quit']);
  });
});
