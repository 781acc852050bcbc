import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

describe('a challenge', () => {
  it.each([
    ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    ],
    [
      'Negotiate, Bearer realm = "a,b" , service=x, Basic realm="a \\"b\\" \\\\"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'bearer', parameters: { realm: 'a,b', service: 'x' } },
        { scheme: 'basic', parameters: { realm: 'a "b" \\' } },
      ],
    ],
    ['BEARER Realm="x", realm="y"', [{ scheme: 'bearer', parameters: { realm: 'x' } }]],
    ['', []],
    ['realm="x"', []],
    ['"', []],
  ])('%s', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  it('of any text is read without fail', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { scheme } of parseChallenges(text)) expect(scheme).not.toBe('');
      }),
    );
  });
});
