// The only script that stands in the page as it is: unpacks the others. PACKED_SIZE is put in by the build.
addEventListener("DOMContentLoaded", async () => {
  const text = document.getElementById("packed").textContent;
  const letter = (at) => { const code = text.charCodeAt(at); return code - 33 - (code > 38) - (code > 60) - (code > 92); };
  const bytes = [];
  for (let at = 0, hold = 0, bits = 0; at < text.length; at += 2) {
    hold = (hold << 13) | (letter(at) * 91 + letter(at + 1));
    for (bits += 13; bits > 7; bits -= 8) bytes.push((hold >> (bits - 8)) & 255);
    hold &= (1 << bits) - 1;
  }
  const packed = new Blob([new Uint8Array(bytes.slice(0, PACKED_SIZE))]);
  const plain = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  const parts = plain.split("\0");
  for (const kind of ["style", "script"]) document.head.append(Object.assign(document.createElement(kind), { textContent: parts.shift() }));
});
