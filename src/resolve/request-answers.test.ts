import { describe, expect, it } from 'vitest';
import { chosen, failure, resolve } from '../testing/resolution.ts';

describe('requests', () => {
  it.each<[string, string, string, string]>([
    ['take the highest version', 'a 1\na 2', 'a', 'a 2'],
    ['take a version that will do', 'a 1\na 2\na 3', 'a<<3', 'a 2'],
    ['take a suite', 'a 1\na 2/sid', 'a/trixie', 'a 1'],
    ['take a suite and a version', 'a 1\na 2\na 3/sid', 'a/trixie>=2', 'a 2'],
    ['for the same package go together', 'a 1\na 2\na 3', 'a>=2, a<<3, a', 'a 2'],
    ['take what alone provides a virtual package', 'b 1; Provides: v\nb 2; Provides: v', 'v', 'b 2'],
    ['take an older version whose dependencies can be met', 'a 1\na 2; Depends: x', 'a', 'a 1'],
  ])('%s', (_what, archive, requests, expected) => {
    expect(chosen(resolve(archive, requests))).toBe(expected);
  });

  it.each<[string, string, string, string, string]>([
    [
      'a misspelt name',
      'libfoo1 1',
      'libfo1',
      'there is no package libfo1 for linux/amd64',
      'Did you mean libfoo1?',
    ],
    [
      'the beginning of a name',
      'libssl3t64 1',
      'libssl3',
      'there is no package libssl3 for linux/amd64',
      'Did you mean libssl3t64?',
    ],
    [
      'a misspelt name of another suite',
      'libfoo1 1/backports',
      'libfo1',
      'there is no package libfo1 for linux/amd64',
      'Did you mean libfoo1/backports?',
    ],
    [
      'a name of a pinned suite',
      'a 1/backports',
      'a>=1',
      'there is no package a for linux/amd64; backports has it',
      'Write a/backports (>= 1) to take it from there.',
    ],
    [
      'a name of another suite',
      'a 1\na 2/sid',
      'a/bookworm',
      'there is no package a in bookworm for linux/amd64; sid, trixie have it',
      'Write a/sid to take it from there.',
    ],
    [
      'a virtual package of several',
      'b 1; Provides: v\nc 1; Provides: v',
      'v',
      'there is no package v for linux/amd64: it is a virtual package, which 2 packages provide',
      'Name one of them: b, c.',
    ],
    ['nothing like it', 'a 1', 'zzzzzzzz', 'there is no package zzzzzzzz', 'Check the name and the suites'],
  ])('for %s are answered with what to do', (_what, archive, requests, message, hint) => {
    const error = failure(archive, requests, { pinned: ['backports'] });
    expect(error.code).toBe('PACKAGE_UNKNOWN');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
