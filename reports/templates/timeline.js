"use strict";
(() => {
  const moments = [...document.querySelectorAll(".moment")];
  const targets = [...document.querySelectorAll(".target")];
  const [previous, next] = ["previous", "next"].map((id) => document.getElementById(id));
  const place = document.getElementById("place");
  if (moments.length === 0) return;
  let now = -1;

  const show = (number, scroll) => {
    now = Math.max(0, Math.min(moments.length - 1, number));
    moments.forEach((moment, index) => moment.classList.toggle("now", index === now));
    targets.forEach((target, index) => target.classList.toggle("now", index === now));
    previous.disabled = now === 0;
    next.disabled = now === moments.length - 1;
    place.textContent = `${now + 1} of ${moments.length}`;
    if (!scroll || !targets[now]) return;
    // The stepper covers the lower part of the window.
    const row = targets[now].getBoundingClientRect();
    const bottom = document.getElementById("stepper").getBoundingClientRect().top - 12;
    if (row.top < 12) window.scrollBy({ top: row.top - 60 });
    else if (row.bottom > bottom) window.scrollBy({ top: row.bottom - bottom });
  };

  previous.addEventListener("click", () => show(now - 1, true));
  next.addEventListener("click", () => show(now + 1, true));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = {
      ArrowLeft: now - 1, ArrowRight: now + 1, k: now - 1, j: now + 1,
      Home: 0, End: moments.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to, true);
  });
  document.querySelector(".drawing").addEventListener("click", (event) => {
    const hit = targets.findIndex((target) => {
      const row = target.getBoundingClientRect();
      return event.clientY >= row.top && event.clientY <= row.bottom;
    });
    if (hit >= 0) show(hit, false);
  });

  document.body.classList.add("stepping");
  document.querySelector("nav").hidden = false;
  const asked = Number.parseInt(location.hash.slice(1), 10);
  show(Number.isNaN(asked) ? 0 : asked - 1, !Number.isNaN(asked));
})();
