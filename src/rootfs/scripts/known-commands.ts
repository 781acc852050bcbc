/** What is known of a program that scripts call: it has no effect at all, or none that an image needs. */
export type KnownCommand = { readonly kind: 'silent' } | { readonly kind: 'needless'; readonly why: string };

const INIT = 'an image has no init';
const KERNEL = 'an image has no kernel';
const MANUALS = 'manuals are not in images';
const DESKTOP = 'a cache of desktops, which find the files without it';
const BYTE_CODE = 'byte code is made when a program runs';
const MACHINE = 'it is for the running machine';
const UPGRADE = 'only for upgrades';
const STORES = 'the stores of certificates are derived';
const MENU = 'an image has no menus';

/** Programs by why an image is as good without their effect. */
const NEEDLESS: Readonly<Record<string, readonly string[]>> = {
  [INIT]: [
    'deb-systemd-helper',
    'deb-systemd-invoke',
    'initctl',
    'insserv',
    'invoke-rc.d',
    'kill',
    'killall',
    'pkill',
    'rc-update',
    'runit-helper',
    'service',
    'start-stop-daemon',
    'systemctl',
    'telinit',
    'update-rc.d',
  ],
  [KERNEL]: [
    'depmod',
    'kernel-install',
    'linux-update-symlinks',
    'modprobe',
    'sysctl',
    'udevadm',
    'update-binfmts',
    'update-grub',
    'update-initramfs',
  ],
  'the host decides what a container may do': ['aa-enabled', 'aa-status', 'apparmor_parser', 'restorecon'],
  [MANUALS]: ['install-docs', 'install-info', 'mandb', 'update-info-dir'],
  [DESKTOP]: ['fc-cache', 'gtk-update-icon-cache', 'update-desktop-database', 'update-icon-caches'],
  [MENU]: ['update-menus', 'xdg-desktop-menu', 'xdg-icon-resource', 'xdg-mime'],
  [BYTE_CODE]: [
    'py3clean',
    'py3compile',
    'pyclean',
    'pycompile',
    'pypy3clean',
    'pypy3compile',
    'pypycompile',
  ],
  'nobody is asked while an image is built': [
    'debconf',
    'debconf-communicate',
    'debconf-set-selections',
    'debconf-show',
  ],
  [UPGRADE]: ['dpkg-maintscript-helper', 'ucfr'],
  [MACHINE]: ['dbus-uuidgen', 'journalctl', 'systemd-machine-id-setup', 'systemd-random-seed'],
  '/etc/ld.so.cache is derived': ['ldconfig'],
  'the bundle of certificates is derived': ['update-ca-certificates'],
  'done from sysusers.d': ['systemd-sysusers'],
  'done from tmpfiles.d': ['systemd-tmpfiles'],
  'an image has no passwords': ['chage', 'passwd', 'pwconv', 'shadowconfig'],
  'it only speeds up the conversion of characters': ['iconvconfig'],
  'nobody logs in to an image': ['add-shell', 'remove-shell', 'update-shells'],
};

/** Programs that only look, print or wait. */
const SILENT = `[ arch awk base64 basename cat cksum clear cmp comm cut date df diff dirname
  dpkg-query du egrep env expand expr false fgrep file fold free gawk getcap getconf getent grep groups head hostid hostname id
  ischroot join less locale logger logname ls lsb_release lsmod lsof mawk md5sum more mountpoint netstat nproc od pathchk pgrep pidof
  ps pwd readlink realpath rev runlevel sed seq sha1sum sha256sum sha512sum sleep sort ss stat strings sum sync tac tail test
  tput tr true tty uname uniq uptime wc whereis which who whoami yes zcat zgrep`.split(/\s+/);

const COMMANDS: ReadonlyMap<string, KnownCommand> = new Map<string, KnownCommand>([
  ...SILENT.map((name): [string, KnownCommand] => [name, { kind: 'silent' }]),
  ...Object.entries(NEEDLESS).flatMap(([why, names]) =>
    names.map((name): [string, KnownCommand] => [name, { kind: 'needless', why }]),
  ),
]);

/**
 * What is known of a call; undefined if its effect may matter.
 * @param name without folder
 * @param args texts; some of them may not be known
 */
export function knowCommand(name: string, args: readonly string[]): KnownCommand | undefined {
  if (name === 'sed' && args.some((arg) => /^(?:-[a-zA-Z]*i|--in-place)/.test(arg))) return undefined;
  if (name === 'sort' && args.some((arg) => /^(?:-[a-zA-Z]*o|--output)/.test(arg))) return undefined;
  if (name === 'find') {
    const acts = /^-(?:delete|exec(?:dir)?|ok(?:dir)?|fprint.*|fls)$/;
    return args.some((arg) => acts.test(arg)) ? undefined : { kind: 'silent' };
  }
  if (name === 'dpkg' || name === 'apt-config') return { kind: 'silent' };
  if (name === 'dpkg-statoverride' && args.includes('--list')) return { kind: 'silent' };
  if (
    /^(?:python|pypy)[\d.]*$/.test(name) &&
    args.some((arg) => /(?:^|\/)(?:py_compile|compileall)/.test(arg))
  )
    return { kind: 'needless', why: BYTE_CODE };
  if (name === 'perl' && args.join(' ').trim() === '-e') return { kind: 'silent' };
  if (name === 'ucf' && args.some((arg) => arg === '--purge' || arg === '-p'))
    return { kind: 'needless', why: UPGRADE };
  if (name === 'java' && args.some((arg) => arg.endsWith('ca-certificates-java.jar')))
    return { kind: 'needless', why: STORES };
  return COMMANDS.get(name);
}

/** Whether a program is there while packages are installed, whether or not it is in the image. */
export function isInstallersProgram(name: string): boolean {
  return COMMANDS.get(name)?.kind === 'silent' || ['systemd-sysusers', 'systemd-tmpfiles'].includes(name);
}

/** Why an image needs no answer to a trigger; undefined if it may. */
export function knowTrigger(name: string): string | undefined {
  if (name === 'ldconfig') return '/etc/ld.so.cache is derived';
  if (name.startsWith('update-ca-certificates')) return STORES;
  if (name === 'update-initramfs') return KERNEL;
  return undefined;
}
