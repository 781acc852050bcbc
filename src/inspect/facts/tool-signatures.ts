import type { ToolFact } from '../facts.ts';

/** How a program is recognised, whatever its file is called. */
interface Signature extends Pick<ToolFact, 'category' | 'tool'> {
  /** A text that only this program holds. */
  readonly text?: string;
  /** The name of a library that only this program's own files need. */
  readonly library?: RegExp;
}

/** A text as programs hold it that keep their texts in characters of 32 bits, as fish does. */
function wide(text: string): string {
  return Buffer.from(text, 'utf16le').toString('latin1').replace(/\0/g, '\0\0\0').slice(0, -3);
}

/**
 * Programs that a distroless image should not have. The first that fits counts: busybox holds texts of dash.
 * Checked with the packages of Debian 12; apk with its published sources.
 */
export const SIGNATURES: readonly Signature[] = [
  { category: 'shell', tool: 'busybox', text: 'BusyBox is copyrighted by many authors' },
  { category: 'shell', tool: 'busybox', text: ' (multi-call binary)' },
  { category: 'shell', tool: 'toybox', text: 'usage: toybox' },
  { category: 'shell', tool: 'bash', text: 'BASH_EXECUTION_STRING' },
  { category: 'shell', tool: 'zsh', text: 'ZSH_EVAL_CONTEXT' },
  { category: 'shell', tool: 'dash', text: 'Illegal option -o %s' },
  { category: 'shell', tool: 'dash', text: "can't access tty; job control turned off" },
  { category: 'shell', tool: 'mksh', text: 'MIRBSD KSH' },
  { category: 'shell', tool: 'mksh', text: 'LEGACY KSH' },
  { category: 'shell', tool: 'ksh', text: 'AJM 93u+' },
  { category: 'shell', tool: 'ksh', text: 'Version AJM 93' },
  { category: 'shell', tool: 'fish', text: wide('fish_private_mode') },
  { category: 'shell', tool: 'tcsh', text: 'Tcsh thinks your terminal has the' },
  { category: 'shell', tool: 'yash', text: 'YASH_LOADPATH' },

  { category: 'package-manager', tool: 'apt', library: /^libapt-private\.so/ },
  { category: 'package-manager', tool: 'aptitude', text: '/.aptitude/config' },
  { category: 'package-manager', tool: 'dpkg', text: "Debian '%s' package management program version" },
  { category: 'package-manager', tool: 'dpkg', text: "Debian '%s' package archive backend version" },
  { category: 'package-manager', tool: 'apk', library: /^libapk\.so/ },
  { category: 'package-manager', tool: 'apk', text: 'APK_PROGRESS_CHAR' },
  { category: 'package-manager', tool: 'apk', text: 'This apk has coffee making abilities' },
  { category: 'package-manager', tool: 'rpm', text: 'Query/Verify package selection options' },
  { category: 'package-manager', tool: 'dnf', library: /^libdnf5-cli\.so/ },
  { category: 'package-manager', tool: 'microdnf', library: /^libdnf\.so/ },
  { category: 'package-manager', tool: 'zypper', text: 'zypper.conf' },
  { category: 'package-manager', tool: 'pacman', library: /^libalpm\.so/ },

  { category: 'network', tool: 'curl', text: 'Usage: curl [options...] <url>' },
  { category: 'network', tool: 'curl', text: "curl: try 'curl --help'" },
  { category: 'network', tool: 'wget', text: 'GNU Wget %s' },
  { category: 'network', tool: 'wget', text: 'GNU Wget2 ' },
  { category: 'network', tool: 'nc', text: '[-P proxy_username]' },
  { category: 'network', tool: 'nc', text: 'nc [-options] hostname port' },
  { category: 'network', tool: 'ncat', text: 'ncat [options] [hostname] [port]' },
  { category: 'network', tool: 'socat', text: 'socat by Gerhard Rieger' },
  { category: 'network', tool: 'ssh', text: 'usage: ssh [-' },
  { category: 'network', tool: 'scp', text: 'usage: scp [-' },
  { category: 'network', tool: 'telnet', text: 'Telnet escape character is' },
  { category: 'network', tool: 'ping', text: 'ping [options] <destination>' },
  { category: 'network', tool: 'ping', text: 'ICMP ECHO_REQUEST packets to network hosts' },
  { category: 'network', tool: 'nmap', text: 'nmap [Scan Type(s)]' },
  { category: 'network', tool: 'nping', text: 'nping [Probe mode]' },
  { category: 'network', tool: 'rsync', text: 'RSYNC_PROXY' },
  { category: 'network', tool: 'dig', text: 'Usage:  dig [@global-server]' },
  { category: 'network', tool: 'tcpdump', text: 'Usage: %s [-Abd' },
  { category: 'network', tool: 'lftp', text: 'lftp_cache' },

  { category: 'privilege', tool: 'su', text: 'Change the effective user ID and group ID to that of <user>' },
  { category: 'privilege', tool: 'sudo', text: 'Sudo version %s' },
  { category: 'privilege', tool: 'doas', text: 'doas (%.32s@%.32s) password: ' },
  { category: 'privilege', tool: 'doas', text: 'usage: doas [-' },
  { category: 'privilege', tool: 'pkexec', text: 'pkexec --version' },

  { category: 'debugger', tool: 'gdb', text: 'Type "apropos word" to search for commands' },
  { category: 'debugger', tool: 'gdbserver', text: 'gdbserver [OPTIONS] COMM PROG' },
  { category: 'debugger', tool: 'strace', text: "PTRACE_SEIZE doesn't work" },
  { category: 'debugger', tool: 'ltrace', text: 'ltrace.conf' },
  { category: 'debugger', tool: 'lldb', library: /^liblldb(?:-[\d.]+)?\.so/ },

  { category: 'compiler', tool: 'gcc', text: 'Using built-in specs' },
  { category: 'compiler', tool: 'gcc', text: 'GNU GIMPLE' },
  { category: 'compiler', tool: 'clang', text: 'CCC_OVERRIDE_OPTIONS' },
  { category: 'compiler', tool: 'tcc', text: 'tcc [options...]' },
  { category: 'compiler', tool: 'go', text: 'cmd/go/internal/base' },
  { category: 'compiler', tool: 'go', text: 'cmd/compile/internal/ssagen' },
  { category: 'compiler', tool: 'rustc', library: /^librustc_driver-/ },

  { category: 'editor', tool: 'vim', text: 'VIM - Vi IMproved' },
  { category: 'editor', tool: 'nano', text: 'GNU nano' },
  { category: 'editor', tool: 'emacs', text: 'EMACSLOADPATH' },
  { category: 'editor', tool: 'joe', text: "Joe's Own Editor" },
];

/** The tool that a program is; nothing for most. @param texts those of the signatures that are in it */
export function toolOf(needed: readonly string[], texts: ReadonlySet<string>): ToolFact | undefined {
  const found = SIGNATURES.find(
    ({ text, library }) =>
      (text !== undefined && texts.has(text)) ||
      (library !== undefined && needed.some((name) => library.test(name))),
  );
  return found && { kind: 'tool', category: found.category, tool: found.tool };
}
