/** Packages that are left out although others depend on them, because only what a distroless image does not do needs them. */
export interface OmissionRule {
  /** Names of packages or virtual packages; `*` stands for any letters. */
  readonly names: readonly string[];
  /** Why they are not needed, in words that follow "left out: ". */
  readonly reason: string;
  /** Names of the packages to whose dependencies alone the rule applies; to those of all packages unless told. */
  readonly neededBy?: readonly string[];
  /** Names of the packages to whose dependencies the rule does not apply, besides those that match it themselves. */
  readonly notNeededBy?: readonly string[];
}

/**
 * What Debian's packages depend on only for the sake of their maintainer scripts, which are never run in an image, or of a
 * system that boots and is administered. Data that programs read when they run (base-files, ncurses-base, readline-common,
 * libpam-runtime, ca-certificates, tzdata …) is not among it, and no shared library is.
 */
export const DEBIAN_OMISSIONS: readonly OmissionRule[] = [
  {
    names: ['dash', 'bash'],
    reason: 'a shell; maintainer scripts, which are not run, are written for it',
  },
  {
    names: ['dpkg', 'apt', 'apt-utils', 'aptitude', 'debian-archive-keyring'],
    reason: 'manages packages; an image is replaced, not changed',
  },
  {
    // Who asks for a module of Perl gets Perl: a rule does not apply to what its own packages need.
    names: ['perl', 'perl-base', 'perl-modules-*', 'perlapi-*', 'perl-openssl-abi-*', 'lib*-perl'],
    // A program that has Perl built in reads its modules.
    notNeededBy: ['libperl5.*'],
    reason: 'Perl, for maintainer scripts and administration scripts',
  },
  {
    names: [
      'debconf',
      'debconf-2.0',
      'debconf-i18n',
      'debconf-utils',
      'cdebconf',
      'po-debconf',
      'dbconfig-*',
    ],
    reason: 'asks questions while packages are installed',
  },
  {
    names: ['ucf', 'sensible-utils'],
    reason: 'looks after configuration files while packages are upgraded',
  },
  {
    names: ['adduser', 'passwd', 'login', 'login.defs', 'base-passwd'],
    reason: 'changes accounts; those of an image are made from data',
  },
  {
    names: [
      'systemd-sysusers',
      'systemd-standalone-sysusers',
      'systemd-tmpfiles',
      'systemd-standalone-tmpfiles',
      'opensysusers',
    ],
    reason: 'makes accounts and folders when a system boots; those of an image are made from data',
  },
  {
    names: [
      'init',
      'init-system-helpers',
      'systemd',
      'systemd-*',
      'sysvinit-*',
      'sysv-rc',
      'initscripts',
      'insserv',
      'openrc',
      'runit',
      'runit-*',
      'lsb-base',
      'libpam-systemd',
      'libpam-elogind',
      'default-logind',
      'logind',
      'elogind',
    ],
    reason: 'starts and stops services of a system that boots; a container runs one program',
  },
  {
    names: ['udev', 'kmod', 'linux-base', 'linux-sysctl-defaults', 'e2fsprogs', 'logsave', 'fdisk', 'mount'],
    reason: 'manages devices, file systems and the kernel of a machine, which a container does not have',
  },
  {
    names: ['awk', 'mawk', 'gawk', 'original-awk'],
    reason: 'awk, for scripts of the shell',
  },
  {
    names: [
      'bsdutils',
      'coreutils',
      'debianutils',
      'diffutils',
      'findutils',
      'grep',
      'gzip',
      'hostname',
      'ncurses-bin',
      'sed',
      'tar',
      'util-linux',
      'util-linux-extra',
    ],
    reason: 'command line tools that every Debian system has, for scripts of the shell',
  },
  {
    names: ['procps', 'psmisc'],
    reason: 'looks for running programs, to end them while packages are installed or removed',
  },
  {
    names: ['install-info', 'man-db', 'doc-base', 'dictionaries-common', 'emacsen-common', 'menu'],
    reason: 'keeps lists of what is installed up to date while packages are installed',
  },
  {
    names: ['usrmerge', 'usr-is-merged', 'multiarch-support'],
    reason: 'looks at the layout of a system while packages are installed',
  },
  {
    names: ['update-inetd', 'ssl-cert'],
    reason: 'writes configuration while packages are installed',
  },
  {
    names: ['openssl'],
    neededBy: ['ca-certificates', 'ssl-cert'],
    reason: 'its command makes the certificates’ links; the bundle of an image is made from data',
  },
];

/** What rules say about dependencies, with the patterns made ready once. */
export class Omissions {
  readonly #rules: readonly {
    readonly rule: OmissionRule;
    readonly matches: Matcher;
    readonly applies: Matcher;
    readonly exempts: Matcher;
  }[];
  readonly #isKept: Matcher;

  /**
   * @param rules the first that applies counts
   * @param kept names, or patterns of names, that no rule applies to
   */
  constructor(rules: readonly OmissionRule[], kept: readonly string[]) {
    this.#rules = rules.map((rule) => ({
      rule,
      matches: matcherOf(rule.names),
      applies: rule.neededBy ? matcherOf(rule.neededBy) : () => true,
      exempts: matcherOf([...rule.names, ...(rule.notNeededBy ?? [])]),
    }));
    this.#isKept = matcherOf(kept);
  }

  /** Whether no rule applies to the name. */
  keeps(name: string): boolean {
    return this.#isKept(name);
  }

  /**
   * The rule by which a package, real or virtual, is left out when `owner` needs it. A rule does not apply to what packages
   * that match it need: who has asked for perl gets perl-base.
   */
  ruleFor(name: string, owner: string): OmissionRule | undefined {
    if (this.#isKept(name)) return undefined;
    return this.#rules.find(
      ({ matches, applies, exempts }) => matches(name) && applies(owner) && !exempts(owner),
    )?.rule;
  }
}

type Matcher = (name: string) => boolean;

function matcherOf(patterns: readonly string[]): Matcher {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const parts = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => pattern.split('*'));
  return (name) => exact.has(name) || parts.some((pieces) => hasPieces(name, pieces));
}

/** Whether the name begins with the first piece, ends with the last and has the others in between, in their order. */
function hasPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
