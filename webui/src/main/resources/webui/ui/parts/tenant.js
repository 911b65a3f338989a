// A tenant as it is shown: its name where the server knows one, else the beginning of its alias.
import { state } from '../store.js';

export function tenantName(alias) {
  const name = state.document.tenants?.[alias]?.name;
  if (name === '-') return 'anybody'; // where no keys are set
  return name || (alias ? alias.slice(0, 8) : '–');
}
