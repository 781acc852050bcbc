import { describe, expect, it } from 'vitest';
import type { Fact } from './facts.ts';
import { wholeFile } from './whole-file.ts';

function textFact(bytes: Buffer): Fact[] {
  return [{ kind: 'script', interpreter: bytes.toString() }];
}

describe('a whole file', () => {
  it.each([
    ['nothing', []],
    ['one piece', ['abc']],
    ['several pieces', ['abc', '', 'defg', 'hij']],
    ['more than the first buffer', ['x'.repeat(20_000), 'y'.repeat(30_000), 'z']],
  ])('is put together: %s', async (_what, pieces) => {
    const scanner = wholeFile(100_000, textFact);
    for (const piece of pieces) scanner.write(Buffer.from(piece));
    expect(await scanner.finish()).toEqual([{ kind: 'script', interpreter: pieces.join('') }]);
  });

  it('does not look at a piece after the call', async () => {
    const scanner = wholeFile(100, textFact);
    const piece = Buffer.from('abc');
    scanner.write(piece);
    piece.fill(0);
    expect(await scanner.finish()).toEqual([{ kind: 'script', interpreter: 'abc' }]);
  });

  it.each([
    [7, ['abcd', 'efg'], true],
    [6, ['abcd', 'efg'], false],
    [3, ['abcd'], false],
    [3, ['abcd', 'e', 'f'], false],
    [0, [], true],
  ])('of at most %d bytes: %j', async (limit, pieces, isRead) => {
    const scanner = wholeFile(limit, textFact);
    for (const piece of pieces) scanner.write(Buffer.from(piece));
    expect(await scanner.finish()).toHaveLength(isRead ? 1 : 0);
  });

  it.each([
    [
      'throws',
      (): Fact[] => {
        throw new RangeError('out of bounds');
      },
    ],
    ['fails later', (): Promise<Fact[]> => Promise.reject(new Error('no archive'))],
  ])('says nothing if its reader %s', async (_what, read) => {
    expect(await wholeFile(10, read).finish()).toEqual([]);
  });
});
