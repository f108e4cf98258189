// Says when something sent in the background did not arrive. Every form works without this file.
document.addEventListener("htmx:responseError", told);
document.addEventListener("htmx:sendError", told);

function told() {
  const place = document.getElementById("trouble");
  place.textContent = place.dataset.trouble;
  place.hidden = false;
}
