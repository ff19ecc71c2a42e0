// What every page of the administration does in the browser: sign acts, say what the page before did, name the
// offset of the times one types.

import { takeSaid, withOffset } from "./sign.js";

export function say(text) {
  let list = document.querySelector(".messagelist");
  if (!list) {
    list = document.createElement("ul");
    list.className = "messagelist";
    document.getElementById("content-start").prepend(list);
  }
  const line = document.createElement("li");
  line.className = "success";
  line.setAttribute("role", "status");
  line.textContent = text;
  list.replaceChildren(line);
}

function nameOffset(input) {
  const place = input.form?.querySelector(`[data-offset-of="${CSS.escape(input.name)}"]`);
  if (place) place.textContent = input.value ? `Recorded as ${withOffset(input.value)}` : "By this computer's clock and time zone.";
}

document.addEventListener("input", (event) => {
  if (event.target.type === "datetime-local") nameOffset(event.target);
});
for (const input of document.querySelectorAll("input[type=datetime-local]")) nameOffset(input);

// Forms that do nothing without scripts come with disabled buttons; signing is ready now.
for (const button of document.querySelectorAll("form [data-needs-script]")) button.disabled = false;

// An unattended screen is left as on the ordinary pages; idle.js reads its time from the page's body.
const idle = document.querySelector("meta[name=idle-seconds]")?.content;
if (idle) {
  document.body.dataset.idleSeconds = idle;
  import("./idle.js");
}

const said = takeSaid();
if (said) say(said);
