import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/index.ts';
import { AUTHORITY } from '../testing/authority.ts';
import { rejectionOf } from '../testing/thrown.ts';
import type { FileSpec } from './definition-types.ts';
import { OwnFiles } from './own-files.ts';
import type { OwnCertificate } from './own-certificates.ts';
import type { Plan } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';

const DER = Buffer.from(AUTHORITY.replace(/-----.*-----|\s/g, ''), 'base64');
const USUAL = 'usr/local/share/ca-certificates';
/** The authority is valid then. */
const VALID = Date.UTC(2026, 0, 1);

let project: string;
let notes: string[];
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'pith-own-'));
  notes = [];
});
afterEach(() => {
  rmSync(project, { recursive: true });
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), content);
}

function reader(now = VALID): OwnFiles {
  return new OwnFiles({
    store: Store.open(join(project, '.store')),
    now: () => now,
    onProgress: (event) => {
      if (event.kind === 'note') notes.push(event.what);
    },
  });
}

async function read(file: Omit<FileSpec, 'project'>, own = reader()): Promise<PlannedFile> {
  const level = { name: 'app', files: [{ ...file, project }] };
  const plan = await own.read({ levels: [level] } as unknown as Plan);
  return plan.levels[0]?.files[0] ?? { project };
}

async function certificates(file: Omit<FileSpec, 'project'>): Promise<readonly OwnCertificate[]> {
  return (await read({ certificate: true, ...file })).certificates ?? [];
}

describe("a definition's own files", () => {
  it('are read below the folder of the definition', async () => {
    write('conf/a', 'x');
    expect((await read({ from: './conf', to: '/etc/app' })).tree?.entries.map(({ path }) => path)).toEqual([
      '',
      'a',
    ]);
    expect(await read({ content: 'x', to: '/etc/app' })).toEqual({ content: 'x', to: '/etc/app', project });
  });

  it('are read once a run, whatever asks for them', async () => {
    write('conf/a', 'x');
    const own = reader();
    const one = await read({ from: './conf', to: '/a' }, own);
    expect((await read({ from: './conf', to: '/b' }, own)).tree).toBe(one.tree);
    expect((await read({ from: './conf', to: '/b', ignore: ['a'] }, own)).tree).not.toBe(one.tree);
    expect((await read({ from: './conf', to: '/a' })).tree).not.toBe(one.tree);
  });

  it('that are wrong are told with the name of the image', async () => {
    expect(await rejectionOf(read({ from: './cnof', to: '/etc' }))).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: 'app: there is no file or folder ./cnof',
      path: join(project, 'cnof'),
    });
  });

  it('are told of patterns that match nothing, once', async () => {
    write('conf/a', 'x');
    const own = reader();
    await read({ from: './conf', to: '/a', ignore: ['b', 'a'] }, own);
    await read({ from: './conf', to: '/a', ignore: ['b', 'a'] }, own);
    expect(notes).toEqual(['app: nothing in ./conf matches the pattern b of ignore']);
  });
});

describe('own certificates', () => {
  it.each<[string, string, Uint8Array, string | undefined, string]>([
    ['PEM', 'ca/team.crt', Buffer.from(AUTHORITY), undefined, `${USUAL}/team.crt`],
    ['DER', 'ca/team.der', DER, undefined, `${USUAL}/team.crt`],
    ['another ending', 'ca/Team.CER', DER, undefined, `${USUAL}/Team.crt`],
    ['no ending', 'ca/team', DER, undefined, `${USUAL}/team.crt`],
    ['a folder', 'ca/team.pem', Buffer.from(AUTHORITY), '/etc/pki/', 'etc/pki/team.crt'],
    ['a path', 'ca/team.pem', Buffer.from(AUTHORITY), '/etc/pki/root.pem', 'etc/pki/root.pem'],
  ])('become PEM files where one looks for them: %s', async (_what, from, bytes, to, path) => {
    write(from, bytes);
    expect(await certificates({ from, to })).toEqual([{ path, content: AUTHORITY, mtime: 0 }]);
  });

  it('may be several in one file', async () => {
    write('two.pem', `${AUTHORITY}# again\n${AUTHORITY}`);
    expect(await certificates({ from: 'two.pem' })).toMatchObject([{ content: AUTHORITY + AUTHORITY }]);
  });

  it('may be the text of the definition', async () => {
    expect(await certificates({ content: AUTHORITY, to: '/etc/ca.crt', time: '2026-01-01' })).toEqual([
      { path: 'etc/ca.crt', content: AUTHORITY, mtime: VALID / 1000 },
    ]);
  });

  it('may be a folder, of which the files with the right names are taken', async () => {
    for (const name of ['a.crt', 'sub/b.pem', 'README.md']) write(`ca/${name}`, AUTHORITY);
    expect((await certificates({ from: 'ca' })).map(({ path }) => path)).toEqual([
      `${USUAL}/a.crt`,
      `${USUAL}/sub/b.crt`,
    ]);
    expect((await certificates({ from: 'ca', to: '/pki', ignore: ['sub'] })).map(({ path }) => path)).toEqual(
      ['pki/a.crt'],
    );
  });

  it.each<[string, () => void, string, string]>([
    [
      'a folder without any',
      () => {
        write('ca/README', '');
      },
      'app: ca holds no certificate',
      '.crt, .pem',
    ],
    [
      'another thing among them',
      () => {
        write('ca/a.crt', 'x');
      },
      'app: ca/a.crt is not a certificate',
      'X.509',
    ],
    [
      'a link among them',
      () => {
        write('ca/a.crt', AUTHORITY);
        symlinkSync('a.crt', join(project, 'ca/b.crt'));
      },
      'app: ca/b.crt is a link, not a certificate',
      'copy',
    ],
    [
      'two that get one name',
      () => {
        write('ca/a.crt', AUTHORITY);
        write('ca/a.pem', AUTHORITY);
      },
      `app: ca/a.crt and ca/a.pem would both become /${USUAL}/a.crt`,
      'another name',
    ],
    [
      'a file that is too large for one',
      () => {
        write('ca/a.crt', Buffer.alloc(5 << 20));
      },
      'app: ca/a.crt is not a certificate: it has 5242880 bytes',
      'X.509',
    ],
  ])('are not %s', async (_what, prepare, message, hint) => {
    prepare();
    const error = await rejectionOf(certificates({ from: 'ca' }));
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID', message });
    expect(error.hint).toContain(hint);
  });

  it.each([
    [
      Date.UTC(2023, 0, 1),
      'app: a.crt: the certificate of O=pith tests, CN=Test Authority begins on 2024-01-01',
    ],
    [
      Date.UTC(2060, 0, 1),
      'app: a.crt: the certificate of O=pith tests, CN=Test Authority ended on 2054-01-01',
    ],
  ])('that are not valid now are taken, and it is said (%i)', async (now, note) => {
    write('a.crt', AUTHORITY);
    expect((await read({ from: 'a.crt', certificate: true }, reader(now))).certificates).toHaveLength(1);
    expect(notes).toEqual([note]);
  });
});
