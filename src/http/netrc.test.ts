import { describe, expect, it } from 'vitest';
import { findAptAuth, findNetrc, parseNetrc } from './netrc.ts';

const entry = (machine: string | undefined, login = 'u', password = 'p'): object => ({
  machine,
  login,
  password,
});

describe('parseNetrc', () => {
  it.each([
    ['one line', 'machine a.example login u password p', [entry('a.example')]],
    ['a line a word', 'machine a.example\n  login u\n\tpassword p\n', [entry('a.example')]],
    [
      'several entries',
      'machine a login u password p\nmachine b login v password q',
      [entry('a'), entry('b', 'v', 'q')],
    ],
    ['a default', 'default login u password p', [entry(undefined)]],
    ['comments', '# machine x login y\nmachine a # note\nlogin u password p', [entry('a')]],
    ['a hash within a word', 'machine a login u password p#1', [entry('a', 'u', 'p#1')]],
    ['quotes and escapes', 'machine a login u password "p \\"q\\\\"', [entry('a', 'u', 'p "q\\')]],
    ['an account', 'machine a login u account x password p', [entry('a')]],
    [
      'a macro',
      'machine a login u password p\nmacdef init\nmachine evil login x\nput\n\nmachine b login u password p',
      [entry('a'), entry('b')],
    ],
    [
      'a macro up to the end',
      'machine a login u password p\nmacdef init\nmachine evil login x',
      [entry('a')],
    ],
    ['words out of place', 'login x password y nonsense', []],
    ['an entry cut off', 'machine', [entry('', '', '')]],
    ['nothing', '', []],
  ])('reads %s', (_what, text, entries) => {
    expect(parseNetrc(text)).toEqual(entries);
  });
});

describe('findNetrc', () => {
  const entries = parseNetrc('machine a.example login a password 1\ndefault login d password 2');
  it.each([
    ['https://a.example/x', 'a'],
    ['http://a.example:8080/x', 'a'],
    ['https://A.EXAMPLE/', 'a'],
    ['https://b.a.example/', 'd'],
    ['https://a.example.evil.example/', 'd'],
  ])('%s: %s', (url, login) => {
    expect(findNetrc(entries, new URL(url))?.login).toBe(login);
  });
});

describe('findAptAuth', () => {
  it.each([
    ['a.example', 'https://a.example/debian', true],
    ['a.example', 'http://a.example/debian', false],
    ['http://a.example', 'http://a.example/debian', true],
    ['http://a.example', 'https://a.example/debian', false],
    ['https://a.example', 'https://a.example/', true],
    ['a.example:8443', 'https://a.example:8443/', true],
    ['a.example:8443', 'https://a.example/', false],
    ['a.example:443', 'https://a.example/', true],
    ['a.example', 'https://a.example:8443/', true],
    ['a.example/deb', 'https://a.example/deb/x', true],
    ['a.example/deb', 'https://a.example/debian/x', true],
    ['a.example/deb/', 'https://a.example/debian/x', false],
    ['a.example/deb/', 'https://a.example/deb/x', true],
    ['a.example', 'https://b.a.example/', false],
    ['a.example', 'https://a.example.evil.example/', false],
    ['', 'https://a.example/', false],
  ])('machine %s covers %s: %s', (machine, url, covers) => {
    const entries = parseNetrc(`machine ${machine === '' ? '""' : machine} login u password p`);
    expect(findAptAuth(entries, new URL(url)) !== undefined).toBe(covers);
  });

  it('takes the first entry that covers the address and no default', () => {
    const entries = parseNetrc(
      'machine a.example/x login 1 password p\nmachine a.example login 2 password p\ndefault login 3 password p',
    );
    expect(findAptAuth(entries, new URL('https://a.example/y'))?.login).toBe('2');
    expect(findAptAuth(entries, new URL('https://b.example/'))).toBeUndefined();
  });
});
