import { describe, expect, it } from 'vitest';
import { followScript } from '../../testing/installation.ts';

const TREE = {
  etc: 'folder',
  'usr/bin': 'folder',
  'usr/bin/tool': 'file',
  'usr/lib/a.conf': 'file',
  'usr/lib/b.conf': 'file',
  'usr/lib/.hidden.conf': 'file',
  'usr/link': '-> lib',
  bin: '-> usr/bin',
};

/** What `echo` of a script would print, as the content of a file. */
async function printed(script: string): Promise<string | undefined> {
  const { made } = await followScript(`{\n${script}\n} > /etc/out`, TREE);
  const text = /^-0644 0:0 etc\/out (".*")$/.exec(made[0] ?? '')?.[1];
  return text === undefined ? undefined : (JSON.parse(text) as string);
}

describe('a script of the shell', () => {
  it.each([
    ['is called with configure and no version', 'echo "$1,$2,$#"', 'configure,,2\n'],
    [
      'knows its package',
      'echo "$DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME [$DPKG_ROOT]"',
      'app postinst []\n',
    ],
    [
      'expands variables',
      'x=a; y="$x b"; echo $y "$y" \'$y\' "${x}c" "${z:-d}" "${x:+e}"',
      'a b a b $y ac d e\n',
    ],
    ['splits only what is not quoted', 'x="a  b"; set -- $x "$x"; echo "$#|$1|$3"', '3|a|a  b\n'],
    ['splits by IFS', 'IFS=:; x=a:b::c; set -- $x; echo "$# $4"', '4 c\n'],
    ['keeps parameters apart', 'f() { echo "$#"; }; set -- "a b" "" c; f "$@"; f $@', '3\n3\n'],
    [
      'cuts off patterns',
      'p=/usr/lib/a.tar.gz; echo ${p##*/} ${p%.*} ${p#*/} ${p%%.*} ${#p}',
      'a.tar.gz /usr/lib/a.tar usr/lib/a.tar.gz /usr/lib/a 17\n',
    ],
    ['calculates', 'i=2; i=$((i * 3 + 1)); echo $i $((i > 6 && i != 8))', '7 1\n'],
    ['substitutes commands', 'x=$(echo a; echo b); y=`echo "$x" | head -n1`; echo "$x,$y"', 'a\nb,a\n'],
    [
      'finds files by patterns',
      'for f in /usr/lib/*.conf /usr/l?b/b.* /none/*; do echo "$f"; done',
      '/usr/lib/a.conf\n/usr/lib/b.conf\n/usr/lib/b.conf\n/none/*\n',
    ],
    [
      'chooses by case',
      'for x in abc a1 "*" b; do case "$x" in a[0-9]) echo digit;; a*|z) echo a;; "*") echo star;; *) echo other;; esac; done',
      'a\ndigit\nstar\nother\n',
    ],
    [
      'goes to elif and else',
      'if false; then echo 1; elif [ 1 = 1 ]; then echo 2; else echo 3; fi; if ! true; then echo 4; else echo 5; fi',
      '2\n5\n',
    ],
    [
      'knows && and ||',
      'true && echo a || echo b; false && echo c || echo d; false || { echo e; false; } && echo f',
      'a\nd\ne\n',
    ],
    [
      'has functions with locals',
      'x=1; f() { local x="$1"; x="$x!"; echo "$x"; return 3; }; f a; echo "$? $x"',
      'a!\n3 1\n',
    ],
    ['shifts', 'set -- a b c; shift; echo "$1 $#"; shift 2; echo "$#"', 'b 2\n0\n'],
    [
      'leaves loops',
      'for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; for i in 1 2; do for j in 1 2; do continue 2; done; echo no; done',
      '1\n3\n',
    ],
    [
      'counts in while',
      'i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i',
      '1\n2\n3\n0\n',
    ],
    ['reads lines', 'printf "a b\\nc\\n" | while read x y; do echo "$y-$x"; done', 'b-a\n-c\n'],
    ['has subshells of their own', 'x=1; (x=2; exit 5); echo "$? $x"', '5 1\n'],
    ['reads here-documents', 'x=v; cat <<-EOF\n\t\ta $x\n\tEOF\ncat <<"EOF"\n$x\nEOF', 'a v\n$x\n'],
    ['evaluates texts', 'x="echo \\$y"; y=z; eval "$x"', 'z\n'],
    [
      'finds programs',
      'command -v tool; which nothing || echo none; command -v mkdir >/dev/null && echo mkdir',
      '/usr/bin/tool\nnone\nmkdir\n',
    ],
    [
      'knows the architecture',
      'dpkg --print-architecture; dpkg-architecture -qDEB_HOST_MULTIARCH',
      'amd64\nx86_64-linux-gnu\n',
    ],
    [
      'compares with no version',
      'dpkg --compare-versions "$2" lt 1 && echo lt; dpkg --compare-versions "$2" lt-nl 1 || echo later; dpkg --compare-versions "$2" ge 1 || echo no',
      'lt\nlater\nno\n',
    ],
    [
      'asks for packages',
      'dpkg-query -W -f=x none:amd64 || echo none; dpkg -s none >/dev/null 2>&1 || echo none',
      'none\nnone\n',
    ],
    [
      'takes paths apart',
      'basename /usr/lib/a.conf .conf; dirname /usr/lib/a.conf; readlink /usr/link; readlink -f /usr/link/a.conf',
      'a\n/usr/lib\nlib\n/usr/lib/a.conf\n',
    ],
    ['cuts fields', 'echo a:b:c | cut -d: -f2; getent passwd root | cut -d: -f6', 'b\n/root\n'],
    [
      'knows who is there',
      'getent passwd nobody >/dev/null || echo none; id -u root; getent group root >/dev/null && echo group',
      'none\n0\ngroup\n',
    ],
  ])('%s', async (_what, script, output) => {
    expect(await printed(script)).toBe(output);
  });

  it.each([
    ['-e /usr/lib/a.conf', true],
    ['-e /usr/link/a.conf', true],
    ['-f /usr/lib', false],
    ['-d /usr/link', true],
    ['-L /usr/link -a ! -L /usr/lib', true],
    ['-x /usr/bin/tool', true],
    ['-x /bin/tool', true],
    ['-x /usr/sbin/update-alternatives', true],
    ['-x /usr/sbin/nothing', false],
    ['-e /run/systemd/system', false],
    ['-n "$2" -o -z "$2"', true],
    ['! -n ""', true],
    ['"!" = "!"', true],
    ['( a = a )', true],
    ['-f = -f', true],
    ['10 -gt 9', true],
    ['abc != abd', true],
    ['', false],
  ])('[ %s ] is %s', async (test, isTrue) => {
    expect(
      await printed(
        `if [ ${test.replace(/^\(/, '\\(').replace(/\)$/, '\\)')} ]; then echo yes; else echo no; fi`,
      ),
    ).toBe(isTrue ? 'yes\n' : 'no\n');
  });

  it('of bash has double brackets and patterns in them', async () => {
    const { made } = await followScript('', TREE);
    expect(made).toEqual([]);
    expect(await printed('[[ abc == a* && ! -e /none && ( x < y ) ]] && echo yes')).toBe('yes\n');
  });
});

describe('what a script cannot know', () => {
  it('leaves branches unused that depend on it, and reports what is in them', async () => {
    const { made, missing } = await followScript(
      'if some-program --ask; then mkdir /etc/a; else touch /etc/b; fi\nmkdir /etc/c',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/c']);
    expect(missing).toEqual([
      'some-program --ask',
      'mkdir /etc/a (only if some-program --ask)',
      'touch /etc/b (only if not some-program --ask)',
    ]);
  });

  it('makes what such a branch sets unknown, and keeps what both branches agree on', async () => {
    const { made, missing } = await followScript(
      'x=1 y=1; if ask; then x=2 z=3; else z=3; fi; mkdir /etc/$x; mkdir /etc/$y /etc/$z',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/1', 'd0755 0:0 etc/3']);
    expect(missing).toEqual(['ask', 'mkdir /etc/$x']);
  });

  it('is not whether the installation succeeds: a way that ends with an error is not the one that is gone', async () => {
    const { made, missing } = await followScript(
      'if ! mountpoint -q /proc; then echo no >&2; touch /etc/a; exit 1; fi\ncheck || exit 2\nmkdir /etc/b',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/b']);
    expect(missing).toEqual(['check']);
  });

  it.each([
    ['an exit', 'ask && exit 0\nmkdir /etc/a'],
    ['a return', 'f() { ask && return; mkdir /etc/a; }; f'],
    ['a break', 'for i in 1; do ask && break; mkdir /etc/a; done'],
  ])('makes uncertain what follows %s that may have happened', async (_what, script) => {
    const { made, missing } = await followScript(script, TREE);
    expect(made).toEqual([]);
    expect(missing).toEqual(['ask', 'mkdir /etc/a (only if not ask)']);
  });

  it('does not make uncertain what follows the function or the loop that may have been left', async () => {
    const { made } = await followScript(
      'f() { ask && return 1; true; }; f; mkdir /etc/a\nfor i in 1; do ask && break; done; mkdir /etc/b',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/a', 'd0755 0:0 etc/b']);
  });

  it('is a loop over it: the body is looked at once', async () => {
    const { made, missing } = await followScript(
      'for f in $(list); do rm-it "$f"; done\nlist | while read x; do use $x; done',
      TREE,
    );
    expect(made).toEqual([]);
    expect(missing).toEqual(['list', 'rm-it $f (only if f in $(list))', 'use $x (only if read x)']);
  });

  it('is what a file holds that it reads, and what debconf answers', async () => {
    const { made, missing, needless } = await followScript(
      '. /usr/share/debconf/confmodule\ndb_get app/x\nif [ "$RET" = true ]; then mkdir /etc/a; fi\n[ "$UNSET" ] || mkdir /etc/b\n. /etc/default/app\n[ "$UNSET" ] || mkdir /etc/c',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/b']);
    expect(missing).toEqual([
      'mkdir /etc/a (only if [ "$RET" = true ])',
      'mkdir /etc/c (only if not [ "$UNSET" ])',
    ]);
    expect(needless).toEqual(['debconf (nobody is asked while an image is built)']);
  });

  it('is what lies below /dev, /proc and /sys', async () => {
    const { made, missing } = await followScript(
      '[ -e /proc/1 ] && mkdir /etc/a\n[ -d /sys/x ] || mkdir /etc/b',
      TREE,
    );
    expect(made).toEqual([]);
    expect(missing).toHaveLength(2);
  });

  it('is whether a file is there that an unknown program was told of', async () => {
    const { made, missing } = await followScript(
      'make-conf /etc/x.conf\n[ -e /etc/x.conf ] || touch /etc/y',
      TREE,
    );
    expect(made).toEqual([]);
    expect(missing).toEqual(['make-conf /etc/x.conf', 'touch /etc/y (only if not [ -e /etc/x.conf ])']);
  });

  it('is the content of a file once an unknown program had it: it is not made', async () => {
    const { made, missing } = await followScript(
      'echo a=1 > /etc/x\nsed -i s/1/2/ /etc/x\necho b > /etc/y',
      TREE,
    );
    expect(made).toEqual(['-0644 0:0 etc/y "b\\n"']);
    expect(missing).toEqual(['sed -i s/1/2/ /etc/x']);
  });
});

describe('calls', () => {
  it('that only look are not reported, those that an image does not need with the reason', async () => {
    const { made, missing, needless } = await followScript(
      [
        'grep -q x /etc/x; ls /etc; date; x=$(awk 1 /etc/x)',
        'deb-systemd-helper enable app.service; /usr/sbin/update-rc.d app defaults',
        'ldconfig; dpkg-maintscript-helper rm_conffile /etc/old -- "$@"',
        'py3compile -p app; update-binfmts --import app || true',
      ].join('\n'),
      TREE,
    );
    expect({ made, missing }).toEqual({ made: [], missing: [] });
    expect(needless).toEqual([
      'deb-systemd-helper (an image has no init)',
      'update-rc.d (an image has no init)',
      'ldconfig (/etc/ld.so.cache is derived)',
      'dpkg-maintscript-helper (only for upgrades)',
      'py3compile (byte code is made when a program runs)',
      'update-binfmts (an image has no kernel)',
    ]);
  });

  it('are reported once, in one line, shortened, without signs that a terminal would obey', async () => {
    const { missing } = await followScript(`f\nf\ng "a\n\t\u001b[31mb"\nh ${'x'.repeat(500)}`, TREE);
    expect(missing.slice(0, 2)).toEqual(['f', 'g a [31mb']);
    expect(missing[2]).toMatch(/^h x+…$/);
    expect(missing[2]?.length).toBe(120);
  });

  it('of functions and wrappers are followed', async () => {
    const { made } = await followScript(
      'mkdir() { command mkdir -m 700 "$@"; }\nmkdir /etc/a\nenv LC_ALL=C touch /etc/b\nexec install -d /etc/c\ntouch /etc/d',
      TREE,
    );
    expect(made).toEqual(['d0700 0:0 etc/a', '-0644 0:0 etc/b ""', 'd0755 0:0 etc/c']);
  });
});
