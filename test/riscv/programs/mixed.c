// Sorting, recursion, 64-bit arithmetic, a jump table, function pointers, sub-word and signed data.
typedef unsigned int u32;
typedef unsigned long long u64;

static u32 seed = 12345;
static u32 next(void) { return seed = seed * 1103515245u + 12345u; }

static int compare(const void *a, const void *b) { return *(const short *)a - *(const short *)b; }
static short items[300];
static void sort(short *v, int n, int (*order)(const void *, const void *)) {
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && order(&v[j - 1], &v[j]) > 0; j--) {
      short t = v[j];
      v[j] = v[j - 1];
      v[j - 1] = t;
    }
}

static u32 ackermann(u32 m, u32 n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }

static int dispatch(int k, int x) {
  switch (k) {
    case 0: return x + 17;
    case 1: return x * 3;
    case 2: return x / 7;
    case 3: return x % 11;
    case 4: return x ^ 0x55aa;
    case 5: return x << 3;
    case 6: return x >> 2;
    case 7: return -x;
    case 8: return ~x;
    default: return 1;
  }
}

int main(void) {
  u32 sum = 0;
  for (int i = 0; i < 300; i++) items[i] = (short)next();
  sort(items, 300, compare);
  for (int i = 0; i < 300; i++) sum = sum * 31 + (unsigned char)items[i] + (items[i] >> 9);
  sum ^= ackermann(2, 9);
  int x = 7;
  for (int i = 0; i < 200; i++) x = dispatch((int)(next() >> 16) % 10, x);
  sum += (u32)x;
  u64 big = 0x123456789abcdefull;
  for (int i = 1; i < 40; i++) big = big * 6364136223846793005ull + (big / (u64)(i * 77777)) - (big % 1000003ull);
  sum ^= (u32)big ^ (u32)(big >> 32);
  long long negative = -1234567890123ll;
  sum += (u32)(negative / 1001) ^ (u32)(negative >> 17);
  return (int)(sum ^ (sum >> 8) ^ (sum >> 16) ^ (sum >> 24)) & 0xff;
}
