import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUTHORITY } from '../../testing/authority.ts';
import { succeed } from '../../testing/commands.ts';
import { describeWith } from '../../testing/tools.ts';
import { inTemporaryFolder } from '../fixtures.ts';
import { certificateFolders, readNamedTrust, readTrust } from './trust.ts';

describe('the folders with certificates', () => {
  it('are the user’s and the machine’s, by the name of references first', () => {
    expect(certificateFolders(['docker.io', 'registry-1.docker.io'], { HOME: '/home/me' })).toEqual([
      '/home/me/.config/containers/certs.d/docker.io',
      '/home/me/.config/containers/certs.d/registry-1.docker.io',
      '/etc/containers/certs.d/docker.io',
      '/etc/containers/certs.d/registry-1.docker.io',
      '/etc/docker/certs.d/docker.io',
      '/etc/docker/certs.d/registry-1.docker.io',
    ]);
    expect(certificateFolders(['r.example:5000', 'r.example:5000'], {})).toEqual([
      '/etc/containers/certs.d/r.example:5000',
      '/etc/docker/certs.d/r.example:5000',
    ]);
  });
});

describe('certificates', () => {
  it('of authorities are trusted beside those of Node.js', () =>
    inTemporaryFolder(async (folder) => {
      expect(await readTrust([folder], {})).toBeUndefined();
      await writeFile(join(folder, 'own.crt'), AUTHORITY);
      const { ca = [], cert } = (await readTrust([join(folder, 'none'), folder], {})) ?? {};
      expect(ca.at(-1)).toBe(AUTHORITY);
      expect(ca.length).toBeGreaterThan(50);
      expect(cert).toBeUndefined();
    }));

  it.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['another form', Buffer.from(AUTHORITY.replace(/-.*-/g, ''), 'base64')],
  ])('that are %s are said', (_what, content) =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'own.crt'), content);
      await expect(readTrust([folder], {})).rejects.toMatchObject({
        code: 'USAGE',
        path: join(folder, 'own.crt'),
        hint: expect.stringContaining('openssl x509') as string,
      });
    }),
  );

  it('in a folder that was named and is not there are missed', () =>
    inTemporaryFolder(async (folder) => {
      const none = join(folder, 'none');
      await expect(readNamedTrust(none, {})).rejects.toMatchObject({ code: 'USAGE', path: none });
    }));
});

describeWith('certificates of ours', { tools: ['openssl'] }, () => {
  const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const make = (folder: string, name: string, kind: readonly string[]): Promise<string> =>
    succeed(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-days', '3', '-subj', `/CN=${name}`, '-newkey', ...kind],
        ...['-keyout', `${name}.key`, '-out', `${name}.cert`],
      ],
      { cwd: folder },
    );

  it('are shown all, one of each kind of key', () =>
    inTemporaryFolder(async (folder) => {
      for (const [name, kind] of [
        ['a', EC],
        ['b', EC],
        ['c', ['rsa:2048']],
      ] as const)
        await make(folder, name, kind);
      const { cert = [], key = [], ca } = (await readTrust([folder], {})) ?? {};
      expect([cert.length, key.length, ca]).toEqual([2, 2, undefined]);
      const { createSecureContext } = await import('node:tls');
      createSecureContext({ cert: [...cert], key: [...key] });
    }));

  it('need the key that is theirs', () =>
    inTemporaryFolder(async (folder) => {
      await make(folder, 'a', EC);
      await writeFile(join(folder, 'a.key'), 'hello');
      await expect(readTrust([folder], {})).rejects.toThrow('a.key is not the key of a.cert');
      await make(folder, 'b', EC);
      await make(folder, 'a', EC);
      await succeed('cp', ['b.key', 'a.key'], { cwd: folder });
      await expect(readTrust([folder], {})).rejects.toThrow('a.key is not the key of a.cert');
    }));
});
