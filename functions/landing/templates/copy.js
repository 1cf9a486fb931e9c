(function () {
  var field = document.getElementById('code');
  var button = document.getElementById('copy');
  var said = document.getElementById('said');
  var label = button.textContent;
  var reset;
  function done() {
    button.textContent = said.textContent = button.dataset.done;
    clearTimeout(reset);
    reset = setTimeout(function () {
      button.textContent = label;
      said.textContent = '';
    }, 3000);
  }
  function byHand() {
    field.select();
    if (document.execCommand('copy')) done();
  }
  field.addEventListener('focus', function () { field.select(); });
  button.addEventListener('click', function () {
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, byHand);
    else byHand();
  });
  button.hidden = false;
})();
