/**
 * Chat templates: the dialect of Jinja2 in which Hugging Face models describe their prompts, as far as such templates use it.
 *
 * <p>A template's source becomes <em>tokens</em> ({@code Lexer}), then a tree of <em>statements</em> and <em>expressions</em>
 * ({@code TemplateParser}, {@code ExpressionParser}); running it over a <em>scope</em> of variables writes the prompt. Values are
 * plain Java: String, Long, Double, Boolean, List, Map, and {@code None}, {@code Undefined}, {@code Callable} for what Java has
 * no word for. Semantics are Python's, since that is where templates are written and tested: {@code "0"} is true, {@code None}
 * is printed as None, adding a string and None is an error.
 *
 * <p>A template computes and can't act: it reads the values it is given and the clock, reaches no Java object or method, and
 * its steps, output and depth are bounded. Text that comes from a message is never parsed as template.
 */
@NullMarked
package dev.kvasir.runner.template;

import org.jspecify.annotations.NullMarked;
