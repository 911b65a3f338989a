/**
 * Segments that one node lends to another for as long as a request there needs them. The <em>lender</em> pins them and says in which slots they lie;
 * the <em>borrower</em> has attention over them computed where they are, or fetches their bytes. A <em>loan</em> is what was lent in one answer. It ends
 * when it's given back, when nothing was heard of the borrower for a lease, or when one of the two is gone.
 */
@NullMarked
package dev.kvasir.pool.loan;

import org.jspecify.annotations.NullMarked;
