// Finds the number whose hash a challenge names (altcha v1): SHA-256 of the salt and the number.

const AT_ONCE = 200; // hashes under way together

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve({ algorithm, challenge, maxNumber, salt, signature }) {
  const text = new TextEncoder();
  for (let start = 0; start <= maxNumber; start += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, maxNumber - start + 1) }, (_, step) => start + step);
    const hashes = await Promise.all(numbers.map((number) => crypto.subtle.digest(algorithm, text.encode(salt + number))));
    const place = hashes.findIndex((hash) => hex(hash) === challenge);
    if (place >= 0) return btoa(JSON.stringify({ algorithm, challenge, number: numbers[place], salt, signature }));
  }
  return "";
}

self.onmessage = (event) => solve(event.data).then((found) => self.postMessage(found), () => self.postMessage(""));
