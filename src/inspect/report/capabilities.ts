/** By number, linux/capability.h of Linux 6.12. */
const NAMES: readonly string[] = [
  'chown',
  'dac_override',
  'dac_read_search',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'linux_immutable',
  'net_bind_service',
  'net_broadcast',
  'net_admin',
  'net_raw',
  'ipc_lock',
  'ipc_owner',
  'sys_module',
  'sys_rawio',
  'sys_chroot',
  'sys_ptrace',
  'sys_pacct',
  'sys_admin',
  'sys_boot',
  'sys_nice',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'mknod',
  'lease',
  'audit_write',
  'audit_control',
  'setfcap',
  'mac_override',
  'mac_admin',
  'syslog',
  'wake_alarm',
  'block_suspend',
  'audit_read',
  'perfmon',
  'bpf',
  'checkpoint_restore',
];
/** Words of 32 bits in each set, by revision (`VFS_CAP_REVISION_…`). */
const WORDS: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 2 };
const EFFECTIVE = 1;

/** What a program may do, whoever starts it. */
export interface FileCapabilities {
  /** As getcap(8) prints them: `cap_net_bind_service=ep`. */
  readonly text: string;
  /** User id of root in the user namespace that they hold in; absent: that of the machine. */
  readonly rootId?: number;
}

/**
 * Reads the value of the extended attribute `security.capability` (capabilities(7), "File capability extended attribute
 * versioning"; `struct vfs_cap_data` of linux/capability.h).
 * @returns undefined if it is none
 */
export function readCapabilities(value: Uint8Array): FileCapabilities | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length < 4) return undefined;
  const magic = bytes.readUInt32LE(0);
  const revision = magic >>> 24;
  const words = WORDS[revision];
  if (words === undefined || bytes.length !== 4 + words * 8 + (revision === 3 ? 4 : 0)) return undefined;
  const isEffective = (magic & EFFECTIVE) !== 0;
  const byFlags = new Map<string, string[]>();
  for (let number = 0; number < words * 32; number++) {
    const at = 4 + (number >> 5) * 8;
    const has = (offset: number): boolean => ((bytes.readUInt32LE(offset) >>> (number & 31)) & 1) === 1;
    const [permitted, inheritable] = [has(at), has(at + 4)];
    if (!permitted && !inheritable) continue;
    const flags = `${isEffective ? 'e' : ''}${inheritable ? 'i' : ''}${permitted ? 'p' : ''}`;
    byFlags.set(flags, [...(byFlags.get(flags) ?? []), `cap_${NAMES[number] ?? String(number)}`]);
  }
  const text = [...byFlags].map(([flags, names]) => `${names.join(',')}=${flags}`).join(' ');
  return { text: text === '' ? '=' : text, ...(revision === 3 ? { rootId: bytes.readUInt32LE(20) } : {}) };
}
