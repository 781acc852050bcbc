import { expect, it } from 'vitest';
import { readCapabilities } from './capabilities.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  [
    'net_bind_service, as setcap(8) writes it',
    '01000002 00040000 00000000 00000000 00000000',
    'cap_net_bind_service=ep',
  ],
  ['not effective', '00000002 00200000 00000000 00000000 00000000', 'cap_net_raw=p'],
  ['two at once', '01000002 00300000 00000000 00000000 00000000', 'cap_net_admin,cap_net_raw=ep'],
  ['of the second word', '01000002 00000000 00000000 80000000 00000000', 'cap_bpf=ep'],
  ['with sets that differ', '00000002 01000000 02000000 00000000 00000000', 'cap_chown=p cap_dac_override=i'],
  ['revision 1', '01000001 01000000 00000000', 'cap_chown=ep'],
  ['none', '01000002 00000000 00000000 00000000 00000000', '='],
  ['a number that has no name yet', '01000002 00000000 00000000 00000080 00000000', 'cap_63=ep'],
])('%s', (_, bytes, text) => {
  expect(readCapabilities(hex(bytes))).toEqual({ text });
});

it('those of a user namespace name its root', () => {
  const value = hex('01000003 00040000 00000000 00000000 00000000 a0860100');
  expect(readCapabilities(value)).toEqual({ text: 'cap_net_bind_service=ep', rootId: 100_000 });
});

it.each(['', '01', '01000002', '01000002 00040000 00000000', '01000009 00040000 00000000 00000000 00000000'])(
  'bytes that are none: %j',
  (bytes) => {
    expect(readCapabilities(hex(bytes))).toBeUndefined();
  },
);
