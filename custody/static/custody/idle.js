// Leaves no open case on an unattended screen: after half an hour without a hand on any tab the session is
// ended (CJIS AC-11). A page that is sending files says so in `data-busy` and is left alone.

const ACTIVE = "unbroken.active";
const seconds = Number(document.body.dataset.idleSeconds || 0);

function touch() {
  localStorage.setItem(ACTIVE, String(Date.now()));
}

function look() {
  const idle = Date.now() - Number(localStorage.getItem(ACTIVE) || 0);
  if (idle > seconds * 1000 && document.body.dataset.busy === undefined) {
    document.querySelector("form[action='/logout/']")?.submit();
  }
}

if (seconds) {
  touch();
  let last = 0;
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(
      kind,
      () => {
        if (Date.now() - last > 10000) touch();
        last = Date.now();
      },
      { passive: true, capture: true },
    );
  }
  setInterval(look, 15000);
}
