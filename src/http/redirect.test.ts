import { describe, expect, it } from 'vitest';
import { redirectTarget } from './redirect.ts';

describe('redirectTarget', () => {
  it.each([
    ['/b', 'http://h.example/a', 'http://h.example/b'],
    ['c', 'http://h.example/a/b', 'http://h.example/a/c'],
    ['//i.example/', 'https://h.example/', 'https://i.example/'],
    ['https://h.example/', 'http://h.example/', 'https://h.example/'],
    ['http://i.example/', 'http://h.example/', 'http://i.example/'],
    ['/b', 'https://u:p@h.example/a', 'https://u:p@h.example/b'],
    ['https://i.example/', 'https://u:p@h.example/', 'https://i.example/'],
    ['https://h.example:444/', 'https://u:p@h.example/', 'https://h.example:444/'],
    ['https://h.example/', 'http://u:p@h.example/', 'https://h.example/'],
    ['https://v:q@h.example/', 'https://u:p@h.example/', 'https://v:q@h.example/'],
  ])('%s from %s leads to %s', (location, from, target) => {
    expect(redirectTarget(location, new URL(from)).href).toBe(target);
  });

  it.each([
    ['http://h.example/', 'https://h.example/', /from https to http/],
    ['http://i.example/', 'https://u:secret@h.example/', /from https to http/],
    ['file:///etc/passwd', 'http://h.example/', /file/],
    ['ftp://h.example/', 'http://h.example/', /ftp/],
    ['data:text/plain,x', 'http://h.example/', /data/],
    ['http://[', 'http://h.example/', /refused a redirect/],
  ])('%s from %s is refused', (location, from, message) => {
    const follow = (): unknown => redirectTarget(location, new URL(from));
    expect(follow).toThrow(expect.objectContaining({ code: 'NETWORK_FAILED' }) as Error);
    expect(follow).toThrow(message);
    expect(follow).not.toThrow(/secret/);
  });
});
