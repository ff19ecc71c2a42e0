addEventListener("DOMContentLoaded", async () => {
  const text = document.getElementById("packed").textContent.trim();
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  const letter = (at) => { const code = text.charCodeAt(at); return code - 35 - (code > 38) - (code > 60) - (code > 92); };
  for (let at = 0; at < text.length; at += 5) {
    let word = 0;
    for (let place = at; place < at + 5; place++) word = word * 85 + letter(place);
    view.setUint32((at / 5) * 4, word);
  }
  const plain = new Blob([bytes.subarray(0, {{size}})]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts = (await new Response(plain).text()).split("\0");
  for (const kind of ["style", "script"]) document.head.append(Object.assign(document.createElement(kind), { textContent: parts.shift() }));
});
