import { afterEach, expect, it, vi } from 'vitest';
import { PithError } from '../core/index.ts';
import { printError } from './errors.ts';

const spy = vi.spyOn(process.stderr, 'write');
afterEach(() => {
  spy.mockReset();
});

function printed(error: PithError, json = false): string {
  let text = '';
  spy.mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  printError(error, json);
  return text;
}

const hostile = new PithError('IMAGE_INVALID', 'layer \x1b[2J is\x9b31m odd', {
  hint: 'see \u202ehttps://example.org',
});

it('an error does nothing to a terminal, whatever it quotes', () => {
  expect(printed(hostile)).toBe(
    'pith: error: layer [2J is31m odd [IMAGE_INVALID]\npith: hint: see https://example.org\n',
  );
});

it('as JSON it is whole', () => {
  const text = printed(hostile, true);
  expect(text).not.toMatch(/[\x1b\x9b\u202e]/);
  expect(JSON.parse(text)).toMatchObject({ error: { message: hostile.message, hint: hostile.hint } });
});
