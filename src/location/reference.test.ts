import { describe, expect, it } from 'vitest';
import { isLayoutName, parseDockerReference } from './reference.ts';

describe('a Docker reference', () => {
  it.each([
    ['cc', 'cc:latest', 'docker.io/library/cc:latest'],
    ['cc-debian13:latest-amd64', 'cc-debian13:latest-amd64', 'docker.io/library/cc-debian13:latest-amd64'],
    ['me/cc:1.0', 'me/cc:1.0', 'docker.io/me/cc:1.0'],
    ['docker.io/cc', 'docker.io/cc:latest', 'docker.io/library/cc:latest'],
    ['index.docker.io/me/cc', 'index.docker.io/me/cc:latest', 'docker.io/me/cc:latest'],
    ['localhost/cc:x', 'localhost/cc:x', 'localhost/cc:x'],
    ['localhost:5000/a/b__c/d--e:X_y', 'localhost:5000/a/b__c/d--e:X_y', 'localhost:5000/a/b__c/d--e:X_y'],
    ['[::1]:5000/cc', '[::1]:5000/cc:latest', '[::1]:5000/cc:latest'],
  ])('%s', (text, familiar, full) => {
    expect(parseDockerReference(text)).toEqual({ familiar, full });
  });

  it.each([
    '',
    'CC',
    'cc:',
    ':x',
    'cc:-x',
    'cc:a/b',
    '-cc',
    'cc-',
    'a..b',
    'a//b',
    '/a',
    'a/',
    'cc@sha256:0',
    'a b',
    'cc\n',
    `cc:${'x'.repeat(129)}`,
    'a'.repeat(256),
    'x/'.repeat(1000),
  ])('%j is none', (text) => {
    expect(parseDockerReference(text)).toBeUndefined();
  });
});

describe('a name in a layout', () => {
  it.each(['latest', 'cc-debian13:latest-amd64', 'docker.io/library/a:1', 'a--b', '1.2.3+x', 'A@b'])(
    '%s',
    (text) => {
      expect(isLayoutName(text)).toBe(true);
    },
  );

  it.each(['', '-a', 'a-', 'a::b', '/a', 'a b', '../x', 'ä', 'a\n', 'a'.repeat(1025)])(
    '%j is none',
    (text) => {
      expect(isLayoutName(text)).toBe(false);
    },
  );
});
