// Where the components get their library from: preact, its hooks and htm's templates, in one file.
export { h, html, render, Component } from './lib/htm-preact.js';
export { useState, useEffect, useRef, useMemo, useCallback, useReducer } from './lib/htm-preact.js';
