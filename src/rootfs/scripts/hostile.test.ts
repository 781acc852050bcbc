import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { follow, followScript } from '../../testing/installation.ts';
import { MAX_SCRIPT } from './script-files.ts';

const LENGTH = MAX_SCRIPT - 100;
const many = (text: string): string => text.repeat(Math.floor(LENGTH / text.length));

describe('a script that is none for a shell', () => {
  it.each([
    ['perl', '#!/usr/bin/perl -w\nprint 1;', 'cannot be read: it is written for perl'],
    ['python', '#! /usr/bin/env python3\n', 'cannot be read: it is written for python3'],
    ['a program', '\u007fELF\u0002\u0001', 'cannot be read: it is a program'],
    [
      'too large',
      `#!/bin/sh\n${' '.repeat(MAX_SCRIPT)}`,
      `cannot be read: it has more than ${MAX_SCRIPT} bytes`,
    ],
    ['broken', '#!/bin/sh\nmkdir /etc/a\nif true; then\n', 'cannot be read: line 4: '],
    ['an open quote', '#!/bin/sh\nmkdir "/etc/a\n', 'cannot be read: line '],
  ])('(%s) is reported, and the others are followed', async (_what, postinst, why) => {
    const packages = [
      { name: 'bad', scripts: { postinst } },
      { name: 'good', scripts: { postinst: '#!/bin/sh -e\nmkdir /etc/b' } },
    ];
    const { made, missing } = await follow(packages, { etc: 'folder' });
    expect(made).toEqual(['d0755 0:0 etc/b']);
    expect(missing).toHaveLength(1);
    expect(missing[0]).toContain(`postinst (${why}`);
  });
});

describe('a hostile script', () => {
  it.each([
    ['loops without end', 'while :; do mkdir /etc/a; done'],
    ['counts without end', 'i=0; while [ $i -ge 0 ]; do i=$((i+1)); done'],
    ['calls itself', 'f() { f; }; f'],
    ['calls itself twice', 'f() { f; f; }; f'],
    ['evaluates itself', 'x=\'eval "$x"\'; eval "$x"'],
    ['nests loops', many('for i in 1 2 3 4 5 6 7 8 9; do ').slice(0, 3000) + ':;' + 'done;'.repeat(96)],
    [
      'branches on what is not known',
      'f() { ask && g; ask || g; }; g() { ask && h; ask || h; }; h() { ask && f; ask || f; }; f',
    ],
    ['doubles a text', `x=xxxxxxxx; ${'x="$x$x";'.repeat(64)} mkdir /etc/$x`],
    ['doubles parameters', `set -- a b c d; ${'set -- "$@" "$@";'.repeat(64)}`],
    [
      'doubles a file',
      `echo xxxxxxxx > /etc/x; ${'cat /etc/x /etc/x > /etc/y; mv /etc/y /etc/x;'.repeat(64)}`,
    ],
    [
      'has a pattern of stars',
      `x=${'a'.repeat(10_000)}; case $x in ${'*a'.repeat(2000)}b) ;; esac; echo "\${x%${'*a'.repeat(200)}b}"`,
    ],
    ['finds files by stars', 'for f in /*/*/*/*/*/../*/../*/../*/../*; do mkdir "$f/x"; done'],
    ['prints without end', `printf '${'%s'.repeat(3000)}' ${'x '.repeat(3000)} > /etc/x`],
    ['prints ends of lines', `n='${'\n'.repeat(8000)}'; ${'x=$(echo "${n}x");'.repeat(2000)}`],
    ['takes slashes away', `n='${'/'.repeat(8000)}'; ${'x=$(basename "${n}x"; dirname "$n");'.repeat(2000)}`],
    ['has a mode without end', `chmod ${'u+x,'.repeat(30_000)}u+x /etc`],
    [
      'has many variables',
      Array.from({ length: 9000 }, (_, i) => `v${i}=1;`).join('') + 'ask && a; ask && b;'.repeat(500),
    ],
    [
      'has many functions',
      Array.from({ length: 5000 }, (_, i) => `f${i}() { :; };`).join('') + '(:);'.repeat(2000),
    ],
    ['reports without end', Array.from({ length: 9000 }, (_, i) => `do${i}`).join('\n')],
    [
      'makes users without end',
      'for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do for k in 0 1 2 3 4 5 6 7 8 9; do adduser --system --group u$i$j$k; useradd -r v$i$j$k; done; done; done',
    ],
    [
      'has links in a circle',
      'ln -s b /etc/a; ln -s a /etc/b; mkdir -p /etc/a/c; cat /etc/a; [ -e /etc/a ] || touch /etc/a/x; touch /etc/a',
    ],
    ['climbs out', 'cd /etc; mkdir ../../../a /etc/../../b; touch /../../c; ln -s /etc/../../x /etc/y'],
    ['has a path without end', `mkdir -p /${'a/'.repeat(5000)}`],
    ['has strange names', 'mkdir "/etc/\n" "/etc/a b" /etc/*; touch /etc/.. /etc/. / ""'],
    ['writes to devices', 'echo x > /dev/sda; mkdir /proc/x; ln -s /x /sys/y; touch /dev/null/x'],
    ['nests quotes', `x=${'"$('.repeat(300)}:${')"'.repeat(300)}`],
    ['nests braces', `${'{ '.repeat(3000)}:${';}'.repeat(3000)}`],
    ['nests ifs', `${'if ask; then '.repeat(500)}:${';fi'.repeat(500)}`],
    ['nests subshells', `${'( '.repeat(2000)}:${')'.repeat(2000)}`],
    [
      'has cases without end',
      `case $(ask) in ${Array.from({ length: 5000 }, (_, i) => `a${i}) b${i};;`).join(' ')} esac`,
    ],
    ['has commands without end', many('a&&')],
    ['has a pipe without end', `${many('a|').slice(0, 20_000)}a`],
    [
      'has arithmetic without end',
      `x=$((${'('.repeat(2000)}1${')'.repeat(2000)})); y=$((${'1+'.repeat(20_000)}1))`,
    ],
    [
      'has here-documents without end',
      Array.from({ length: 3000 }, (_, i) => `cat <<E${i}\nx\nE${i}\n`).join(''),
    ],
    ['has many assignments', many('a=b ')],
    ['redirects without end', `:${many(' >/etc/a').slice(0, 60_000)}`],
    [
      'has alternatives without end',
      `update-alternatives --install /usr/bin/x x /etc/a 1 ${Array.from({ length: 3000 }, (_, i) => `--slave /l${i} n${i} /etc/a`).join(' ')}`,
    ],
    [
      'walks without end',
      'ln -s . /etc/self; chown -R 5 /; chmod -R 700 /etc/self/self; rm -rf /; find / -delete',
    ],
  ])('that %s is followed to an end', async (_what, script) => {
    const { made, missing, needless, installation } = await followScript(script, {
      etc: 'folder',
      'etc/a/b/c/d/e/f': 'folder',
      tmp: 'folder',
      'usr/bin': 'folder',
    });
    for (const line of made) expect(line.split(' -> ')[0]).not.toMatch(/\.\.\/|^\S+ \S+ (?:dev|proc|sys)\//);
    expect(missing.length + needless.length).toBeLessThan(110);
    expect(installation.accounts.users().length).toBeLessThan(2100);
    expect(JSON.stringify(missing).length).toBeLessThan(40_000);
  });

  it('whose limits are reached is reported, with what was made until then', async () => {
    const { made, missing } = await followScript('mkdir /etc/a; while :; do x=1; done; mkdir /etc/b', {
      etc: 'folder',
    });
    expect(made).toEqual(['d0755 0:0 etc/a']);
    expect(missing).toEqual(['postinst (cannot be read to its end: it does too much)']);
  });

  it('made of any words neither fails nor makes what no image may hold', async () => {
    const token = fc.constantFrom(
      ...'if then else elif fi for in do done while until case esac ;; ;& { } ( ) ! && || | & ; [[ ]] [ ] < > >> << <<- <<< >& $( ` ${ } $(( )) " \' \\ * ? [a-z] ~ # = == -e -d -z x $x $1 $@ "$@" ${x:-y} ${x%%*} x=1 f() f return exit break continue shift set -- eval . cd local export read unset exec trap echo printf cat mkdir touch ln -s rm rmdir mv cp install chmod chown adduser --system update-alternatives --install command -v which test dpkg getent id cut grep mktemp umask 077 ../.. /etc /etc/a /dev/x /tmp/y root 755 u+s'.split(
        ' ',
      ),
      '\n',
      '\0',
      '\u00e9',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 60 }), async (tokens) => {
        const { made } = await followScript(tokens.join(' '), {
          etc: 'folder',
          'etc/b': 'file',
          bin: '-> etc',
        });
        for (const line of made) expect(line).not.toMatch(/\.\.\/etc|\0|^\S+ \S+ (?:dev|proc|sys|tmp)\//);
      }),
      { numRuns: 1000 },
    );
  });
});
