import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** Applications of frameworks that come from the registries of their languages, where the machine reaches these. */

const PODMAN = ['podman', 'runc', 'nsenter'];
const unless = unlessRoot();

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.4.1</version>
  </parent>
  <groupId>example</groupId>
  <artifactId>demo</artifactId>
  <version>0.1.0</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.springframework.boot</groupId>
        <artifactId>spring-boot-maven-plugin</artifactId>
      </plugin>
    </plugins>
  </build>
</project>
`;
const CONTROLLER = `package example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Demo {
  @GetMapping("/")
  String greet() {
    return "spring boot on " + Runtime.version().feature();
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Demo.class, arguments);
  }
}
`;
const RUST = `use tiny_http::{Response, Server};

fn main() {
    let server = Server::http("0.0.0.0:8080").unwrap();
    for request in server.incoming_requests() {
        let _ = request.respond(Response::from_string("tiny_http"));
    }
}
`;
/** Where Debian's packages of crates lie (librust-tiny-http-dev). */
const DEBIAN_CRATES = '/usr/share/cargo/registry';
const CARGO = `[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "${DEBIAN_CRATES}"
`;
const PSYCOPG = `from http.server import BaseHTTPRequestHandler, HTTPServer
from psycopg import pq

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{pq.__impl__} {pq.version() >= 100000}".encode())

HTTPServer(("", 8000), Handler).serve_forever()
`;

let bench: PackBench;
beforeAll(async () => {
  bench = await createPackBench();
});
afterAll(() => bench.remove());

/** What a tool that fetches says, if it cannot. */
async function failureOf(
  program: string,
  args: readonly string[],
  folder: string,
): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(program, args, { cwd: bench.path(folder) });
  return code === 0 ? undefined : `${program}: ${stdout}${stderr}`.slice(0, 2000);
}

describeWith('a jar of Spring Boot', { tools: [...PODMAN, 'mvn', 'javac'], unless }, () => {
  it('answers, and a change of code is a change of its layer alone', async ({ skip }) => {
    await bench.write('boot/pom.xml', POM);
    await bench.write('boot/src/main/java/example/Demo.java', CONTROLLER);
    const failure = await failureOf('mvn', ['-q', '-B', 'package'], 'boot');
    if (failure !== undefined) skip(failure);
    expect(await bench.explain('boot')).toMatch(
      /^Spring Boot application \(3\.4\.1\)\n[^]*\nLayers\n {2}dependencies: .*\n {2}spring-boot-loader: .*\n {2}application: /,
    );
    await bench.image('boot');
    const flags = ['--tmpfs', '/tmp'];
    expect(await bench.answer('boot', { port: 8080, flags })).toBe('200 spring boot on 21');
    const before = bench.layers('boot');
    await bench.write('boot/src/main/java/example/Demo.java', CONTROLLER.replace('boot on', 'changed on'));
    expect(await failureOf('mvn', ['-q', '-B', '-o', 'package'], 'boot')).toBeUndefined();
    await bench.image('boot');
    expect(bench.layers('boot').filter((layer) => !before.includes(layer))).toHaveLength(1);
    expect(await bench.answer('boot', { port: 8080, flags })).toBe('200 spring changed on 21');
  });
});

describeWith('a web server of Rust', { tools: [...PODMAN, 'cargo', 'rustc'], unless }, () => {
  it('answers, from the folder of its project', async ({ skip }) => {
    const manifest =
      '[package]\nname = "web"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntiny_http = "=0.12.0"\n';
    await bench.write('rust/Cargo.toml', manifest);
    await bench.write('rust/src/main.rs', RUST);
    if (existsSync(`${DEBIAN_CRATES}/tiny_http-0.12.0`)) await bench.write('rust/.cargo/config.toml', CARGO);
    const failure = await failureOf('cargo', ['build', '--release', '--quiet'], 'rust');
    if (failure !== undefined) skip(failure);
    await bench.image('rust');
    expect(await bench.answer('rust', { port: 8080 })).toBe('200 tiny_http');
  });
});

describeWith(
  'a Python program with wheels of machine code',
  { tools: [...PODMAN, 'python3'], unless },
  () => {
    const install = async (folder: string, python: string, platform: string): Promise<string | undefined> => {
      await rm(bench.path(folder, 'vendor'), { recursive: true, force: true });
      const args = ['-m', 'pip', 'install', '--quiet', '--target', 'vendor', '--only-binary=:all:'];
      const target = ['--platform', platform, '--python-version', python, '--implementation', 'cp'];
      return failureOf('python3', [...args, ...target, 'psycopg[binary]==3.2.9'], folder);
    };

    it('answers, and is refused for a processor that it has no wheels for', async ({ skip }) => {
      await mkdir(bench.path('psycopg'));
      await bench.write('psycopg/main.py', PSYCOPG);
      const failure = await install('psycopg', '3.13', 'manylinux2014_x86_64');
      if (failure !== undefined) skip(failure);
      await bench.image('psycopg');
      expect(await bench.answer('psycopg', { port: 8000 })).toBe('200 binary True');
      expect(await bench.refusal('psycopg', '--platform', 'linux/arm64')).toMatch(
        /is not for linux\/arm64: vendor\/psycopg_binary\S* is for linux\/amd64/,
      );
    });
  },
);
