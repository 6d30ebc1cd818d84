const baseMs = 8;
const msPerKilobyte = 0.05;

/**
 * The minimum time in milliseconds for which a ciphertext blocks the event loop: longer than decrypting, reading and
 * verifying a real message of this size takes.
 */
export function loadOf(ciphertext: Uint8Array): number {
  return baseMs + (ciphertext.length / 1024) * msPerKilobyte;
}

/**
 * Keeps the event loop busy until a whole number of `quantum` milliseconds has passed since `began`. Other clients of
 * the process can measure for how long it is blocked, however late the answer is sent, and that would reveal how far
 * decryption proceeded. Idle waiting does not hide it.
 */
export function stayBusy(began: number, quantum: number): void {
  const end = began + Math.ceil((performance.now() - began) / quantum) * quantum;
  let time = began;
  while (time < end) time = performance.now();
}
