#include "ptx_text.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace emulator {

namespace {

[[noreturn]] void refuse(int line, const std::string& what) {
    throw Fault{INVALID_PTX, "PTX line " + std::to_string(line) + ": " + what};
}

// A word, or one character of punctuation.
struct Token {
    std::string text;
    int line;
};

bool isWord(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.'; }

std::vector<Token> tokens(const std::string& text) {
    std::vector<Token> all;
    int line = 1;
    for (size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\n') {
            line++;
            i++;
        } else if (isspace(static_cast<unsigned char>(c)) || c == '\0') {
            i++;
        } else if (c == '/' && i + 1 < text.size() && text[i + 1] == '/') {
            i = std::min(text.find('\n', i), text.size());
        } else if (c == '"') {
            const size_t end = text.find('"', i + 1);
            if (end == std::string::npos) {
                refuse(line, "a string without an end");
            }
            all.push_back({text.substr(i, end - i + 1), line});
            i = end + 1;
        } else if (isWord(c)) {
            size_t end = i;
            while (end < text.size() && isWord(text[end])) {
                end++;
            }
            all.push_back({text.substr(i, end - i), line});
            i = end;
        } else {
            all.push_back({std::string(1, c), line});
            i++;
        }
    }
    return all;
}

unsigned bytesOf(const std::string& type, int line) {
    if (type == ".pred") {
        return 1;
    }
    if (type.size() >= 3) {
        const int bits = atoi(type.c_str() + 2);
        if (bits == 8 || bits == 16 || bits == 32 || bits == 64) {
            return bits / 8;
        }
    }
    refuse(line, "type " + type);
}

class Parser {
  public:
    explicit Parser(const std::string& text) : tokens_(tokens(text)) {}

    std::map<std::string, Function> parse() {
        std::map<std::string, Function> functions;
        while (!isAtEnd()) {
            const std::string word = next();
            if (word == ".version" || word == ".target" || word == ".address_size") {
                next();
            } else if (word == ".entry") {
                Function function = entry();
                functions[function.name] = std::move(function);
            } else if (word != ".visible") {
                refuse(line(), "'" + word + "' outside a function");
            }
        }
        return functions;
    }

  private:
    bool isAtEnd() const { return at_ == tokens_.size(); }
    int line() const { return tokens_[std::min(at_, tokens_.size() - 1)].line; }
    const std::string& peek() const {
        if (isAtEnd()) {
            refuse(line(), "the text ends within a function");
        }
        return tokens_[at_].text;
    }
    std::string next() {
        const std::string text = peek();
        at_++;
        return text;
    }
    void expect(const std::string& text) {
        if (next() != text) {
            at_--;
            refuse(line(), "'" + text + "' expected, not '" + peek() + "'");
        }
    }
    bool accept(const std::string& text) {
        if (!isAtEnd() && tokens_[at_].text == text) {
            at_++;
            return true;
        }
        return false;
    }

    Function entry() {
        Function function;
        function.name = next();
        expect("(");
        while (!accept(")")) {
            accept(",");
            expect(".param");
            std::string type = next();
            unsigned bytes = bytesOf(type, line());
            function.parameterBytes = (function.parameterBytes + bytes - 1) / bytes * bytes;
            function.parameters.push_back({next(), bytes, function.parameterBytes});
            function.parameterBytes += bytes;
        }
        while (!accept("{")) {
            const std::string directive = next();
            if (directive != ".maxntid") {
                refuse(line(), "directive " + directive);
            }
            function.maxThreads = 1;
            do {
                function.maxThreads *= std::stoul(next());
            } while (accept(","));
        }
        body(function);
        return function;
    }

    void body(Function& function) {
        int depth = 1; // inline assembler has scopes of its own, in which nothing is declared
        while (depth > 0) {
            const std::string word = next();
            if (word == "{") {
                depth++;
            } else if (word == "}") {
                depth--;
            } else if (word == ".reg") {
                registers(function);
            } else if (word == ".shared") {
                shared(function);
            } else if (word == ".pragma") {
                next();
                expect(";");
            } else if (word == ";") {
                continue;
            } else if (accept(":")) {
                function.labels[word] = function.statements.size();
            } else {
                at_--;
                function.statements.push_back(statement());
            }
        }
    }

    void registers(Function& function) {
        const unsigned bytes = bytesOf(next(), line());
        const std::string name = next();
        if (accept("<")) {
            next();
            expect(">");
        }
        function.registers[name] = bytes;
        expect(";");
    }

    void shared(Function& function) {
        unsigned alignment = 1;
        if (accept(".align")) {
            alignment = std::stoul(next());
        }
        unsigned bytes = bytesOf(next(), line());
        const std::string name = next();
        if (accept("[")) {
            bytes *= std::stoul(next());
            expect("]");
        }
        expect(";");
        const unsigned offset = (function.sharedBytes + alignment - 1) / alignment * alignment;
        function.shared[name] = {offset, bytes};
        function.sharedBytes = offset + bytes;
    }

    Statement statement() {
        Statement statement;
        statement.line = line();
        if (accept("@")) {
            statement.isGuardNegated = accept("!");
            statement.guard = next();
        }
        statement.opcode = next();
        while (!accept(";")) {
            accept(",");
            statement.operands.push_back(operand());
        }
        return statement;
    }

    // Everything up to the next comma outside of brackets.
    std::string operand() {
        std::string text;
        int depth = 0;
        while (depth > 0 || (peek() != "," && peek() != ";")) {
            const std::string word = next();
            depth += word == "{" || word == "[";
            depth -= word == "}" || word == "]";
            text += word;
        }
        return text;
    }

    std::vector<Token> tokens_;
    size_t at_ = 0;
};

} // namespace

std::map<std::string, Function> parsePtx(const std::string& text) { return Parser(text).parse(); }

} // namespace emulator
