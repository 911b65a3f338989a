package dev.kvasir.runner;

/**
 * What an answer must look like, as JSON text: a tree of pieces. It says all that there is to know, so that any node can compile it.
 *
 * <pre>
 * {"schema": {..}}         JSON that validates against a JSON Schema (draft 2020-12)
 * {"json": "object"}       any JSON object
 * {"regex": ".."}          a text that a regular expression (ECMA-262) matches whole
 * {"choice": ["..", ".."]} one of these texts
 * {"grammar": ".."}        a text of an EBNF grammar, from its rule root on
 * {"text": ".."}           this text
 * {"control": ".."}        the special token of this name, or its text where the tokenizer has none
 * {"until": ".."}          anything up to the first occurrence of this text and the text itself
 * {"any": true}            anything
 * {"without": ".."}        anything in which this text isn't
 * {"sequence": [..]}       one piece after another
 * {"oneOf": [..]}          one of these pieces
 * {"repeat": .., "min": 0, "max": 3}   a piece so many times; no max, or -1, for any number
 * </pre>
 *
 * @param json the tree; equal texts share what was compiled
 */
public record GuideSpec(String json) {}
