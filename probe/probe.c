/*
 * pith-probe URL MILLISECONDS
 *
 * Asks a server of the same container whether it is well: `http://:8080/health` is asked by HTTP (RFC 9112) and is well if it
 * answers with a status from 200 to 399; `tcp://:5432` is well if it accepts a connection. Without a host, 127.0.0.1 is
 * tried and then ::1; with `127.0.0.1` or `[::1]` that alone. Ends with 0 if it is well, else with 1, and says why in a line.
 *
 * It has no C library: an image need hold nothing else for it. System calls are those of Linux 4.3 and later.
 */
#include <asm/unistd.h>

enum { AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_FLAGS = 02004000 /* SOCK_CLOEXEC | SOCK_NONBLOCK */ };
enum { POLLIN = 1, POLLOUT = 4, MSG_NOSIGNAL = 0x4000, CLOCK_MONOTONIC = 1 };
enum { EINTR = 4, EAGAIN = 11, EISCONN = 106, EALREADY = 114, EINPROGRESS = 115 };
enum { MAX_REQUEST = 4096 };

#if defined(__x86_64__)
#define ENTRY "xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n"
#define ARGUMENTS "rax", "rdi", "rsi", "rdx", "r10", "r8"
#define CALL "syscall"
#define CLOBBERED , "rcx", "r11"
#elif defined(__i386__)
#define ENTRY "xor %ebp, %ebp\n mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call start\n"
#define ARGUMENTS "eax", "ebx", "ecx", "edx", "esi", "edi"
#define CALL "int $0x80"
#define CLOBBERED
#elif defined(__aarch64__)
#define ENTRY "mov x29, #0\n mov x30, #0\n mov x0, sp\n bl start\n"
#define ARGUMENTS "x8", "x0", "x1", "x2", "x3", "x4"
#define CALL "svc #0"
#define CLOBBERED
#define RESULT "x0"
#elif defined(__arm__)
#define ENTRY "mov fp, #0\n mov lr, #0\n mov r0, sp\n bic sp, sp, #7\n bl start\n"
#define ARGUMENTS "r7", "r0", "r1", "r2", "r3", "r4"
#define CALL "svc #0"
#define CLOBBERED
#define RESULT "r0"
#elif defined(__powerpc64__)
#define ENTRY "lis 2, .TOC.@ha\n addi 2, 2, .TOC.@l\n mr 3, 1\n clrrdi 1, 1, 4\n li 0, 0\n stdu 0, -32(1)\n bl start\n nop\n"
#define ARGUMENTS "r0", "r3", "r4", "r5", "r6", "r7"
#define CALL "sc\n bns+ 1f\n neg 3, 3\n 1:"
#define CLOBBERED , "cr0", "ctr", "xer", "r8", "r9", "r10", "r11", "r12"
#define RESULT "r3"
#elif defined(__riscv)
#define ENTRY "mv a0, sp\n andi sp, sp, -16\n call start\n"
#define ARGUMENTS "a7", "a0", "a1", "a2", "a3", "a4"
#define CALL "ecall"
#define CLOBBERED
#define RESULT "a0"
#elif defined(__s390x__)
#define ENTRY "lgr %r2, %r15\n aghi %r15, -160\n brasl %r14, start\n"
#define ARGUMENTS "r1", "r2", "r3", "r4", "r5", "r6"
#define CALL "svc 0"
#define CLOBBERED
#define RESULT "r2"
#else
#error "no system calls for this processor"
#endif

__asm__(".text\n .globl _start\n _start:\n " ENTRY);

#define PICK_0(x0, x1, x2, x3, x4, x5) x0
#define PICK_1(x0, x1, x2, x3, x4, x5) x1
#define PICK_2(x0, x1, x2, x3, x4, x5) x2
#define PICK_3(x0, x1, x2, x3, x4, x5) x3
#define PICK_4(x0, x1, x2, x3, x4, x5) x4
#define PICK_5(x0, x1, x2, x3, x4, x5) x5
#define PICK(pick, ...) pick(__VA_ARGS__)

/* Calls the system by its number; gives the result, or the negative number of an error. */
static inline long call_in(long number, long a, long b, long c, long d, long e)
{
	register long r0 __asm__(PICK(PICK_0, ARGUMENTS)) = number;
	register long r1 __asm__(PICK(PICK_1, ARGUMENTS)) = a;
	register long r2 __asm__(PICK(PICK_2, ARGUMENTS)) = b;
	register long r3 __asm__(PICK(PICK_3, ARGUMENTS)) = c;
	register long r4 __asm__(PICK(PICK_4, ARGUMENTS)) = d;
	register long r5 __asm__(PICK(PICK_5, ARGUMENTS)) = e;
#ifdef __powerpc64__
	__asm__ volatile(CALL : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5) : : "memory" CLOBBERED);
#else
	__asm__ volatile(CALL : "+r"(r0), "+r"(r1) : "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory" CLOBBERED);
#endif
#ifdef RESULT
	return r1;
#else
	return r0;
#endif
}

struct time {
	long seconds, nanoseconds;
};

struct target {
	int is_http;
	int families; /* 1: IPv4, 2: IPv6, 3: both */
	unsigned port;
	const char *authority; /* what follows `://` */
	unsigned long authority_length;
	const char *path;
};

static struct time now(void)
{
	struct time time;
	call_in(__NR_clock_gettime, CLOCK_MONOTONIC, (long)&time, 0, 0, 0);
	return time;
}

static struct time after(struct time time, unsigned long milliseconds)
{
	while (milliseconds >= 1000) {
		time.seconds++;
		milliseconds -= 1000;
	}
	time.nanoseconds += (long)milliseconds * 1000000;
	if (time.nanoseconds >= 1000000000) {
		time.seconds++;
		time.nanoseconds -= 1000000000;
	}
	return time;
}

/* Waits until something can be done with a socket; 0 if it is too late. */
static int wait_for(int socket, short event, const struct time *deadline)
{
	for (;;) {
		struct {
			int fd;
			short events, happened;
		} wanted = { socket, event, 0 };
		struct time time = now(), left = { deadline->seconds - time.seconds, deadline->nanoseconds - time.nanoseconds };
		if (left.nanoseconds < 0) {
			left.seconds--;
			left.nanoseconds += 1000000000;
		}
		if (left.seconds < 0)
			return 0;
		long result = call_in(__NR_ppoll, (long)&wanted, 1, (long)&left, 0, 0);
		if (result > 0)
			return 1;
		if (result != -EINTR)
			return 0;
	}
}

static unsigned long length_of(const char *text)
{
	unsigned long length = 0;
	while (text[length])
		length++;
	return length;
}

static void say(const char *text)
{
	call_in(__NR_write, 1, (long)text, (long)length_of(text), 0, 0);
}

static int starts_with(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return 0;
	return 1;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads `http://[HOST]:PORT/PATH` or `tcp://[HOST]:PORT`; 0 if it is neither. */
static int read_target(const char *url, struct target *target)
{
	target->is_http = starts_with(url, "http://");
	if (!target->is_http && !starts_with(url, "tcp://"))
		return 0;
	url += target->is_http ? 7 : 6;
	target->authority = url;
	target->families = starts_with(url, "127.0.0.1:") ? 1 : starts_with(url, "[::1]:") ? 2 : 3;
	url += target->families == 1 ? 9 : target->families == 2 ? 5 : 0;
	if (*url++ != ':' || !is_digit(*url))
		return 0;
	target->port = 0;
	while (is_digit(*url) && target->port <= 65535)
		target->port = target->port * 10 + (unsigned)(*url++ - '0');
	target->authority_length = (unsigned long)(url - target->authority);
	target->path = *url ? url : "/";
	return target->port > 0 && target->port <= 65535 && *target->path == '/' && (target->is_http || !*url);
}

/* A connection, or the negative number of an error; 0 if it is too late. */
static long connect_to(int family, unsigned port, const struct time *deadline)
{
	/* sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)) of loopback. */
	union {
		unsigned char bytes[28];
		unsigned short family;
		unsigned align;
	} address, own;
	for (volatile unsigned char *byte = address.bytes; byte < address.bytes + 28; byte++)
		*byte = 0;
	address.family = (unsigned short)family;
	address.bytes[2] = (unsigned char)(port >> 8);
	address.bytes[3] = (unsigned char)port;
	if (family == AF_INET)
		address.bytes[4] = 127;
	address.bytes[family == AF_INET ? 7 : 23] = 1;
	long size = family == AF_INET ? 16 : 28;

	long socket = call_in(__NR_socket, family, SOCK_STREAM | SOCK_FLAGS, 0, 0, 0);
	if (socket < 0)
		return socket;
	for (;;) {
		long result = call_in(__NR_connect, socket, (long)&address, size, 0, 0);
		if (result == 0 || result == -EISCONN)
			break;
		if (result != -EINPROGRESS && result != -EALREADY && result != -EINTR)
			return result;
		if (!wait_for((int)socket, POLLOUT, deadline))
			return 0;
	}
	/* A port that nobody listens at may be the one that this side was given: then it is connected with itself. */
	int own_size = 28;
	call_in(__NR_getsockname, socket, (long)&own, (long)&own_size, 0, 0);
	return own.bytes[2] == address.bytes[2] && own.bytes[3] == address.bytes[3] ? -1 : socket;
}

static char *append(char *to, const char *end, const char *text, unsigned long length)
{
	while (length-- > 0 && to < end)
		*(volatile char *)to++ = *text++;
	return to;
}

static int send_request(int socket, const struct target *target, const struct time *deadline)
{
	char request[MAX_REQUEST];
	const char *end = request + MAX_REQUEST;
	const char *rest = "\r\nUser-Agent: pith-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
	int is_short = target->families == 3;
	char *at = append(request, end, "GET ", 4);
	at = append(at, end, target->path, length_of(target->path));
	at = append(at, end, " HTTP/1.1\r\nHost: ", 17);
	at = append(at, end, "localhost", is_short ? 9 : 0);
	at = append(at, end, target->authority, target->authority_length);
	at = append(at, end, rest, length_of(rest));
	if (at == end)
		return 0;
	const char *from = request;
	while (from < at) {
		struct {
			const void *base;
			unsigned long length;
		} part = { from, (unsigned long)(at - from) };
		/* struct user_msghdr (linux/socket.h) */
		struct {
			void *name;
			int name_size;
			void *parts;
			unsigned long count;
			void *control;
			unsigned long control_size;
			unsigned flags;
		} message = { 0, 0, &part, 1, 0, 0, 0 };
		long sent = call_in(__NR_sendmsg, socket, (long)&message, MSG_NOSIGNAL, 0, 0);
		if (sent >= 0)
			from += sent;
		else if ((sent != -EAGAIN && sent != -EINTR) || !wait_for(socket, POLLOUT, deadline))
			return 0;
	}
	return 1;
}

/* Takes the rest of the answer for a moment: servers note it as a fault if nobody does. */
static void drain(int socket)
{
	char rest[4096];
	struct time soon = after(now(), 100);
	for (int pieces = 0; pieces < 64 && wait_for(socket, POLLIN, &soon); pieces++) {
		long got = call_in(__NR_read, socket, (long)rest, 4096, 0, 0);
		if (got <= 0 && got != -EAGAIN && got != -EINTR)
			return;
	}
}

/* Whether the answer begins with a good status (RFC 9112, section 4). */
static int is_well(int socket, const struct time *deadline)
{
	char line[14];
	long length = 0;
	while (length < 12) {
		if (!wait_for(socket, POLLIN, deadline)) {
			say("no answer in time\n");
			return 0;
		}
		long got = call_in(__NR_read, socket, (long)(line + length), 12 - length, 0, 0);
		if (got > 0)
			length += got;
		else if (got != -EAGAIN && got != -EINTR)
			break;
	}
	if (length < 12 || !starts_with(line, "HTTP/1.") || line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) ||
	    !is_digit(line[11])) {
		say("the answer is not HTTP\n");
		return 0;
	}
	line[12] = '\n';
	line[13] = 0;
	say(line);
	drain(socket);
	return line[9] == '2' || line[9] == '3';
}

static int probe(const struct target *target, const struct time *deadline)
{
	for (int family = 1; family <= 2; family++) {
		if (!(target->families & family))
			continue;
		long socket = connect_to(family == 1 ? AF_INET : AF_INET6, target->port, deadline);
		if (socket < 0)
			continue;
		if (socket == 0) {
			say("no connection in time\n");
			return 0;
		}
		if (!target->is_http) {
			say("connected\n");
			return 1;
		}
		if (!send_request((int)socket, target, deadline)) {
			say("the connection was closed\n");
			return 0;
		}
		return is_well((int)socket, deadline);
	}
	say("no connection: nothing listens there\n");
	return 0;
}

/* The stack at the start: the number of arguments, then their addresses. */
__attribute__((used, noreturn)) static void start(const long *stack)
{
	const char *const *arguments = (const char *const *)(stack + 1);
	struct target target;
	unsigned long timeout = 0;
	int status = 1;
	const char *digit = *stack == 3 ? arguments[2] : "";
	while (is_digit(*digit) && timeout < 100000000)
		timeout = timeout * 10 + (unsigned long)(*digit++ - '0');
	if (*digit || timeout == 0 || !read_target(arguments[1], &target)) {
		say("usage: pith-probe http://[HOST]:PORT/PATH|tcp://[HOST]:PORT MILLISECONDS\n");
	} else {
		struct time deadline = after(now(), timeout);
		status = probe(&target, &deadline) ? 0 : 1;
	}
	for (;;)
		call_in(__NR_exit_group, status, 0, 0, 0, 0);
}
