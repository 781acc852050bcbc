import { describe, expect, it } from 'vitest';
import { found, NOW } from '../../testing/checked.ts';
import { type LayerFiles, makeLayer, type TestImage } from '../../testing/layered-image.ts';

/** Made up, and of the right form. */
const ACCESS_KEY = 'AKIAQ7T4XN2LKVZ5R3WM';
const KEY = `-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHk3VtQ0vN2mJ8xwYp4sR7bE1cLhKqZ9uXfTgA6oDiSn\n-----END PRIVATE KEY-----\n`;

interface Case {
  readonly what: string;
  readonly layers?: readonly LayerFiles[];
  readonly options?: TestImage;
  readonly finds: readonly (string | RegExp)[];
}

const history = (...steps: string[]): TestImage => ({
  history: steps.map((created_by) => ({ created_by, empty_layer: true })),
});

const CASES: Readonly<Record<string, readonly Case[]>> = {
  'secret-in-file': [
    { what: 'a key', layers: [{ 'root/key.pem': KEY }], finds: [/^root\/key\.pem: private key: [^M]*$/] },
    {
      what: 'a key that a later layer deletes',
      layers: [{ 'root/key.pem': KEY }, { 'root/.wh.key.pem': '' }],
      finds: [
        /^root\/key\.pem: private key: .*a later layer hides the file, but does not remove it from the image$/,
      ],
    },
    { what: 'sound', layers: [{ 'a.pem': 'nothing' }], finds: [] },
  ],
  'secret-in-variable': [
    {
      what: 'by its name',
      options: { config: { Env: ['DB_PASSWORD=hunter2'] } },
      finds: ['config.Env.DB_PASSWORD: the variable DB_PASSWORD holds a secret by its name'],
    },
    {
      what: 'by its form',
      options: { config: { Env: [`X=${ACCESS_KEY}`] } },
      finds: [/^config\.Env\.X: the variable X holds a secret \(aws.*\)$/],
    },
    {
      what: 'a label',
      options: { config: { Labels: { 'team.api-key': 'k9-sd8-22' } } },
      finds: ['config.Labels.team.api-key: the label team.api-key holds a secret by its name'],
    },
    {
      what: 'sound: where it is, whether there is one, and what is none',
      options: {
        config: {
          Env: [
            'PASSWORD_FILE=/run/x',
            'DB_PASSWORD=',
            'API_TOKEN=${TOKEN}',
            'TLS_PRIVATE_KEY=/etc/key.pem',
            'PWD=/app',
            'MAX_TOKEN=4096',
            'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D',
          ],
        },
      },
      finds: [],
    },
  ],
  'secret-in-history': [
    {
      what: 'a build argument',
      options: history('|1 NPM_TOKEN=hunter2 /bin/sh -c npm ci'),
      finds: ['history.0.created_by: step 1 sets NPM_TOKEN: a secret by its name'],
    },
    {
      what: 'a token in a command',
      options: history('RUN a', `RUN fetch --key ${ACCESS_KEY} https://a.example/b`),
      finds: [/^history\.1\.created_by: step 2 holds a secret/],
    },
    {
      what: 'sound: a variable that the configuration has is told there',
      options: { ...history('ENV TOKEN=abcdef'), config: { Env: ['TOKEN=abcdef'] } },
      finds: [],
    },
    { what: 'sound', options: history('RUN make PREFIX=/usr', 'COPY . . # buildkit'), finds: [] },
  ],
  'deleted-files': [
    {
      what: 'a file',
      layers: [{ a: '12345' }, { '.wh.a': '' }],
      finds: ['layer 1: it deletes /a (5 B) and does nothing else'],
    },
    {
      what: 'a folder',
      layers: [
        { 'd/a': '12345', 'd/b': '1' },
        { '.wh.d': '', x: 'y' },
      ],
      finds: ['layer 1: it deletes 2 files such as /d/b (6 B)'],
    },
    {
      what: 'an opaque folder',
      layers: [{ 'd/a': '12345' }, { 'd/.wh..wh..opq': '' }],
      finds: ['layer 1: it deletes /d/a (5 B) and does nothing else'],
    },
    { what: 'sound: replaced', layers: [{ a: '1' }, { a: '2' }], finds: [] },
    {
      what: 'sound: deleted and put back',
      layers: [{ 'd/a': '1' }, { 'd/.wh..wh..opq': '', 'd/a': '2' }],
      finds: [],
    },
  ],
  'whiteout-of-nothing': [
    {
      what: 'nothing there',
      layers: [{ a: '1' }, { '.wh.b': '' }],
      finds: ['.wh.b: there is nothing to delete'],
    },
    { what: 'sound', layers: [{ a: '1' }, { '.wh.a': '' }], finds: [] },
  ],
  'misplaced-file': [
    {
      what: 'below a file',
      layers: [{ a: 'x' }, { 'a/b': 'y' }],
      finds: ['a/b: what it lies in is no folder'],
    },
    {
      what: 'below a loop',
      layers: [{ a: '-> a' }, { 'a/b': 'y' }],
      finds: ['a/b: the links on the way to it lead nowhere'],
    },
    { what: 'sound: below a link', layers: [{ d: 'folder', a: '-> d' }, { 'a/b': 'y' }], finds: [] },
  ],
  'path-leaves-root': [
    {
      what: '..',
      layers: [{ '../../etc/passwd': 'x' }],
      finds: ['etc/passwd: its path has more .. than folders'],
    },
    { what: 'sound: .. within', layers: [{ 'a/../b': 'x', './c': 'y', 'd..e': 'z' }], finds: [] },
  ],
  'future-time': [
    {
      what: 'a file',
      layers: [{ a: { mtime: NOW + 100_000 } }],
      finds: ['a: it is from 2026-01-02T03:46:40Z'],
    },
    {
      what: 'the image',
      options: { created: '2030-01-01T00:00:00Z' },
      finds: ['created: the image is from 2030-01-01T00:00:00Z'],
    },
    {
      what: 'a step',
      options: { history: [{ created: '2030-01-01T00:00:00Z', empty_layer: true }] },
      finds: ['history.0.created: step 1 is from 2030-01-01T00:00:00Z'],
    },
    {
      what: 'sound: some hours',
      layers: [{ a: { mtime: NOW + 3600 } }],
      options: { created: '2026-01-01T05:00:00Z' },
      finds: [],
    },
  ],
};

describe.each(Object.entries(CASES))('%s', (rule, cases) => {
  it.each(cases)('$what', async ({ layers = [], options = {}, finds }) => {
    const lines = await found(rule, layers, options);
    expect(lines).toEqual(
      finds.map((line) => (typeof line === 'string' ? line : (expect.stringMatching(line) as string))),
    );
    expect(lines.join()).not.toMatch(/hunter2|Q7T4XN2LKV/);
  });
});

describe('wrong-diff-id', () => {
  it('is another layer than the configuration says', async () => {
    const layer = makeLayer({ a: '1' });
    const other = makeLayer({ a: '2' });
    expect(await found('wrong-diff-id', [{ ...layer, diffId: other.diffId }])).toEqual([
      `rootfs.diff_ids.0: it is ${layer.diffId}, the configuration says ${other.diffId}`,
    ]);
    expect(await found('wrong-diff-id', [layer])).toEqual([]);
  });
});
