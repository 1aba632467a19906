// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Command lines as tables of constants. The same table is what parse() reads, what --help prints
/// and what the completions are rendered from; the man page is checked against it.
namespace wolffia::cli {

enum class Takes : uint8_t {
  Nothing,  // a switch: "--keep", and "--keep=false" takes it back
  Value,    // "--root DIR", "--root=DIR", "-b DIR", "-bDIR"; the last one counts
  List,     // as Value, and each use adds one
  Word,     // as Value, but may also stand alone, which means the first of its words
};

/// What completion offers where a value or an argument stands.
enum class Complete : uint8_t { Nothing, File, Directory, Container, Image, ImageOrDirectory };

/// An option's address is its identity: commands that share it list the same constant.
struct Option {
  std::string_view name;  // without the dashes
  char letter = 0;        // 0: no short form
  Takes takes = Takes::Nothing;
  std::string_view value = {};  // what help calls the value, "FILE"; or its words, "text|json"
  Complete complete = Complete::Nothing;
  std::string_view help;
  /// Not empty: this release knows the option and refuses it, with this reason.
  std::string_view missing = {};
};

/// What may stand behind the first argument.
enum class Behind : uint8_t {
  Options,   // "delete ID --force"
  Verbatim,  // "exec ID ls -l": all that follows belongs to the program
};

struct Program;

struct Command {
  std::string_view name;
  std::string_view arguments = {};  // as help shows them: "ID [SIGNAL]"
  std::string_view summary;
  std::span<const Option* const> options = {};
  size_t least = 0;  // arguments
  size_t most = 0;
  Behind behind = Behind::Options;
  Complete complete = Complete::Container;  // the first argument
  std::string_view missing = {};            // as Option::missing
  std::string_view examples = {};           // whole command lines, one a line
  /// The program that carries this out as its own command of this name, whose options it has.
  const Program* handed_to = nullptr;
};

struct Program {
  std::string_view name;
  std::string_view summary;
  std::span<const Option* const> options;  // those in front of the command
  std::span<const Command* const> commands;
  /// These end parsing wherever they stand; every command has `help`.
  const Option* help = nullptr;
  const Option* version = nullptr;
  std::string_view list = "list -q";  // its words that print the containers, for completion
  std::string_view images = {};       // and the images, where it has any
};

/// A parsed command line. Its views are of the words given to parse().
class Arguments {
 public:
  /// nullptr when help or version was asked for in front of a command, and after an error there.
  const Command* command() const { return command_; }
  std::span<const std::string_view> positionals() const { return positionals_; }
  /// All words given to parse(), as they were.
  const std::vector<std::string>& words() const { return words_; }

  /// The value that counts; nullopt when the option was not given. A switch has an empty one.
  std::optional<std::string_view> find(const Option& option) const;
  bool has(const Option& option) const { return find(option).has_value(); }
  std::string_view value(const Option& option, std::string_view otherwise = {}) const {
    return find(option).value_or(otherwise);
  }
  /// Every value of a List, in order.
  std::vector<std::string> list(const Option& option) const;
  struct Written {
    const Option* option;
    std::string value;
  };
  /// The same of several options, in the order of the command line.
  std::vector<Written> lists(std::initializer_list<const Option*> options) const;
  /// Errors: EINVAL when the value is not a decimal number from 0 to `limit`.
  Result<uint32_t> number(const Option& option, uint32_t otherwise, uint32_t limit) const;

 private:
  friend class Parser;
  struct Given {
    const Option* option;
    std::string_view value;
    bool taken_back = false;  // "--switch=false"
  };
  const Command* command_ = nullptr;
  std::vector<Given> given_;
  std::vector<std::string_view> positionals_;
  std::vector<std::string> words_;
};

/// Parses the words behind the program's name. Returns early at help or version, with the command
/// they were asked about. After an error `parsed` holds what stood in front of the fault, so that
/// it can be told where --log says.
/// Errors: EINVAL, a sentence naming the word; ENOTSUP for what this release does not have.
Result<void> parse(const Program& program, std::span<const char* const> words, Arguments& parsed);

/// The words of an option that takes one of a few: {"text", "json"}; else empty.
std::vector<std::string_view> words_of(const Option& option);

}  // namespace wolffia::cli
