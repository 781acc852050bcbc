import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  createLimit,
  Digester,
  digestOf,
  errorCodes,
  isDigest,
  mapConcurrent,
  nearest,
  Once,
  PithError,
  redact,
  toPithError,
} from './index.ts';

describe('errors', () => {
  it('are all documented with their exit codes', () => {
    const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    for (const [code, exit] of errorCodes()) {
      const row = text.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
      expect(row, code).toMatch(new RegExp(`^\\| ${exit} +\\|`));
    }
  });

  it('carry no credentials', () => {
    const error = new PithError('NETWORK_FAILED', 'GET https://me:secret@host/x failed', {
      url: 'https://me:secret@host/x?token=abc',
      hint: 'Authorization: Bearer abcdefghijk',
    });
    expect(JSON.stringify([error.message, error.url, error.hint])).not.toMatch(/secret|abc/);
    expect(error.url).toBe('https://***@host/x?token=***');
  });

  it.each([
    [{ code: 'ENOSPC', path: '/out' }, 'DISK_FULL', '/out: the disk is full'],
    [{ code: 'EACCES', path: '/out' }, 'OUTPUT_FAILED', '/out: permission denied'],
    [new TypeError('oops'), 'INTERNAL', 'oops'],
    ['text', 'INTERNAL', 'text'],
  ])('of the machine get a code: %j', (thrown, code, message) => {
    expect(toPithError(thrown)).toMatchObject({ code, message });
  });

  it('say what to do even where nothing special was said', () => {
    expect(new PithError('ARCHIVE_INVALID', 'x').hint).toMatch(/was not used/);
    expect(new PithError('ARCHIVE_INVALID', 'x', { hint: 'Do y.' }).hint).toBe('Do y.');
  });

  it('stay what they are', () => {
    const error = new PithError('USAGE', 'x');
    expect(toPithError(error)).toBe(error);
    expect(error.exitCode).toBe(2);
  });
});

describe('redaction', () => {
  it.each([
    ['http://host/path@1.2', 'http://host/path@1.2'],
    ['http://u:p@host/', 'http://***@host/'],
    ['http://u:p@ss@host/', 'http://***@host/'],
    ['x https://token@host y', 'x https://***@host y'],
    ['http://h/?X-Amz-Signature=abc&a=b', 'http://h/?X-Amz-Signature=***&a=b'],
    ['Basic dXNlcjpwYXNz', 'Basic ***'],
  ])('%s', (text, safe) => {
    expect(redact(text)).toBe(safe);
  });
});

describe('digests', () => {
  it('are those of FIPS 180-4', () => {
    expect(digestOf('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('made in pieces are those of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const digester = new Digester();
        for (const piece of pieces) digester.update(piece);
        return (
          digester.digest() === digestOf(Buffer.concat(pieces)) &&
          digester.size === Buffer.concat(pieces).length
        );
      }),
    );
  });

  it.each([
    '',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha512:${'a'.repeat(64)}`,
    `sha256:${'a'.repeat(65)}`,
  ])('%j is none', (text) => {
    expect(isDigest(text)).toBe(false);
  });

  it('of JSON do not depend on the order of keys', () => {
    expect(canonicalJson({ b: [2, { d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[2,{"d":1}]}');
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        (value) =>
          canonicalJson(Object.fromEntries(Object.entries(value).reverse())) === canonicalJson(value),
      ),
    );
  });
});

describe('concurrent work', () => {
  it('keeps the order of results and the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrent([5, 1, 3, 2, 4], 2, async (n) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, n));
      running--;
      return n * 10;
    });
    expect(results).toEqual([50, 10, 30, 20, 40]);
    expect(most).toBe(2);
  });

  it('stops at the first failure and throws it once what runs has ended', async () => {
    const started: number[] = [];
    await expect(
      mapConcurrent([1, 2, 3, 4], 2, async (n) => {
        started.push(n);
        await Promise.resolve();
        if (n === 1) throw new Error('first');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }),
    ).rejects.toThrow('first');
    expect(started).toEqual([1, 2]);
  });

  it('with a limit waits for its turn, in order, and goes on after a failure', async () => {
    const limit = createLimit(2);
    const order: number[] = [];
    let running = 0;
    const jobs = [30, 10, 5, 1].map((time, index) =>
      limit(async () => {
        expect(++running).toBeLessThanOrEqual(2);
        await new Promise((resolve) => setTimeout(resolve, time));
        running--;
        order.push(index);
        if (index === 1) throw new Error('x');
      }),
    );
    expect((await Promise.allSettled(jobs)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(order).toEqual([1, 2, 3, 0]);
  });

  it('on one key is done once, and again after a failure', async () => {
    const once = new Once<number>();
    let calls = 0;
    const work = (): Promise<number> => Promise.resolve(++calls);
    expect(await Promise.all([once.do('a', work), once.do('a', work)])).toEqual([1, 1]);
    await expect(once.do('b', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await once.do('b', work)).toBe(2);
  });
});

describe('the nearest name', () => {
  it.each([
    ['statik-debian13', ['static-debian13', 'static-debian12', 'cc-debian13'], 'static-debian13'],
    ['entrypiont', ['entrypoint', 'env'], 'entrypoint'],
    ['completely-else', ['static', 'base'], undefined],
    ['x', [], undefined],
  ])('to %s among %j is %s', (name, known, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });
});
