// Before anything is drawn, so that a dark room stays dark. Not a module: those come later.
(function () {
  try {
    var theme = localStorage.getItem('kvasir.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (e) {
    // Storage may be forbidden; the system's theme it is.
  }
})();
