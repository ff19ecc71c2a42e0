// The only script that stands in the page as it is: unpacks the others. PACKED_SIZE is put in by the build.
addEventListener("DOMContentLoaded", async () => {
  const bytes = [];
  let hold = 0n, bits = 0n;
  for (const [word] of document.getElementById("packed").textContent.matchAll(/.{9}/g)) {
    let block = 0n;
    for (const letter of word) block = block * 95n + BigInt(letter.charCodeAt() - 32);
    hold = (hold << 59n) | block;
    for (bits += 59n; bits > 7n; hold &= (1n << bits) - 1n) bytes.push(Number(hold >> (bits -= 8n)));
  }
  const packed = new Blob([new Uint8Array(bytes.slice(0, PACKED_SIZE))]);
  const plain = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  const parts = plain.split("\0");
  for (const kind of ["script", "style"]) document.head.append(Object.assign(document.createElement(kind), { textContent: parts.shift() }));
});
