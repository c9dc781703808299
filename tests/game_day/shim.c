/* Stands between a server and its system, loaded with LD_PRELOAD: a disk that is slow or full, a clock
   that was set, memory that something in the process has taken. What it does is written by the game
   day into the file that GAME_DAY_CONTROL names; as long as that holds zeros it does nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
  int64_t disk_full;      /* 1: nothing can be written to the database */
  int64_t disk_delay_us;  /* how long each write to the disk takes more */
  int64_t clock_ahead_ms; /* by how much the wall clock is set forward */
  int64_t held_bytes;     /* memory that is taken */
};
static const struct control none;
static volatile const struct control *control = &none;

static void pause_us(int64_t us) {
  struct timespec wait = {us / 1000000, us % 1000000 * 1000};
  while (us > 0 && nanosleep(&wait, &wait) != 0 && errno == EINTR) {
  }
}

/* Takes memory in blocks, as a leak does, and gives all of it back at once. */
static void *hold_memory(void *unused) {
  enum { most = 64 };
  static struct {
    void *at;
    size_t size;
  } blocks[most];
  size_t total = 0;
  int count = 0;
  for (;;) {
    const size_t wanted = (size_t)control->held_bytes;
    if (wanted > total && count < most) {
      const size_t size = wanted - total;
      void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
      if (at != MAP_FAILED) {
        blocks[count].at = at;
        blocks[count++].size = size;
        total = wanted;
      }
    }
    while (wanted == 0 && count > 0) munmap(blocks[count - 1].at, blocks[count - 1].size), --count;
    if (wanted == 0) total = 0;
    pause_us(200000);
  }
  return unused;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("GAME_DAY_CONTROL");
  if (path == NULL) return;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *at = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (at == MAP_FAILED) return;
  control = at;
  pthread_t thread;
  pthread_create(&thread, NULL, hold_memory, NULL);
}

/* True if a file is a part of the database. */
static int is_database(int file) {
  char link[64];
  char path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return strstr(path, "/chat.db") != NULL;
}

static int refuses(int file) {
  if (control->disk_full == 0 || !is_database(file)) return 0;
  errno = ENOSPC;
  return 1;
}
static void delay(int file) {
  if (control->disk_delay_us > 0 && is_database(file)) pause_us(control->disk_delay_us);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int file, const void *from, size_t size, off64_t at) {
  if (refuses(file)) return -1;
  return REAL(pwrite64)(file, from, size, at);
}
ssize_t pwrite(int file, const void *from, size_t size, off_t at) {
  if (refuses(file)) return -1;
  return REAL(pwrite)(file, from, size, at);
}
int fdatasync(int file) {
  delay(file);
  return REAL(fdatasync)(file);
}
int fsync(int file) {
  delay(file);
  return REAL(fsync)(file);
}
int clock_gettime(clockid_t which, struct timespec *to) {
  const int result = REAL(clock_gettime)(which, to);
  if (which == CLOCK_REALTIME) to->tv_sec += control->clock_ahead_ms / 1000;
  return result;
}
int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  const int result = REAL(gettimeofday)(to, zone);
  to->tv_sec += control->clock_ahead_ms / 1000;
  return result;
}
time_t time(time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to != NULL) *to = now.tv_sec;
  return now.tv_sec;
}
