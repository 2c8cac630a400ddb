//! The types of an expression in an environment, and what is wrong with them.
//!
//! What is wrong is said once: its type is not known, and nothing that is built on it is wrong too.

use std::ops::Range;
use std::rc::Rc;

use super::ast::{Expr, Kind, Lit, Name};
use super::environment::{Environment, Overload, Plain, Variable};
use super::library::{FUNCTIONS, MACROS, OPERATORS, TYPES};
use super::types::Type;
use super::{Fault, Mistake};
use crate::text::{Text, all_of, did_you_mean, one_of};

mod hints;

/// What is wrong with an expression whose result is to be true or false; `at` is the version of what evaluates it, the newest
/// that is known unless said.
pub fn check(text: &str, env: &Environment, at: Option<(u16, u16)>) -> Vec<Mistake> {
    if let Some(plain) = env.plain.as_ref().filter(|plain| (plain.fits)(text)) {
        return vec![*hints::plain(text, env, plain)];
    }
    let expr = match super::parse(text) {
        Ok(expr) => expr,
        Err(mistake) => return vec![*mistake],
    };
    let mut checker = Checker { env, version: at, locals: Vec::new(), out: Vec::new() };
    let ty = checker.expr(&expr);
    if !matches!(ty, Type::Bool | Type::Unknown) && checker.out.is_empty() {
        let shown = if ty == Type::Dyn { "of no certain type" } else { ty.shown() };
        let message = format!("{} must be true or false, and this is {shown}", env.name);
        checker.out.push(*hints::not_bool(expr.at.clone(), message, &ty));
    }
    checker.out
}

struct Checker<'e> {
    env: &'e Environment,
    version: Option<(u16, u16)>,
    /// The variables of macros, the innermost last.
    locals: Vec<(Text, Type)>,
    out: Vec<Mistake>,
}

impl Checker<'_> {
    #[expect(clippy::boxed_local, reason = "a mistake is boxed where it is made, for the parser's sake")]
    fn report(&mut self, mistake: Box<Mistake>) -> Type {
        self.out.push(*mistake);
        Type::Unknown
    }

    fn expr(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            Kind::Lit(lit) => literal(lit),
            Kind::Name(name) => self.variable(name, &expr.at),
            Kind::Select(of, field) => {
                let of = self.expr(of);
                self.select(&of, field)
            }
            Kind::Index(of, index, at) => self.index(of, index, at),
            Kind::Call(None, name, args) if name.text == "has" && args.len() == 1 => self.has(&args[0]),
            Kind::Call(Some(of), name, args) if MACROS.contains(&(&*name.text, args.len())) => {
                self.comprehension(of, name, args)
            }
            Kind::Call(of, name, args) => self.call(of.as_deref(), name, args),
            Kind::Unary(sign, times, of) => self.unary(sign, *times, of, &expr.at),
            Kind::Binary(sign, at, left, right) => self.binary(sign, at, left, right),
            Kind::Ternary(parts) => self.ternary(parts),
            Kind::List(items) => {
                let joined = items.iter().map(|item| self.expr(item)).reduce(Type::join);
                Type::List(Rc::new(joined.unwrap_or(Type::Unknown)))
            }
            Kind::Map(entries) => {
                let types = entries.iter().map(|(key, value)| (self.expr(key), self.expr(value)));
                let joined = types.reduce(|(a, b), (c, d)| (a.join(c), b.join(d)));
                Type::Map(Rc::new(joined.unwrap_or((Type::Unknown, Type::Unknown))))
            }
            Kind::Message(path, fields) => {
                if !of_package(path) {
                    let message = format!("{} knows no message of this name", self.env.name);
                    let mistake = Mistake::new(Fault::Unknown, path.at.clone(), message, "made here");
                    return self.report(mistake);
                }
                for (_, value) in fields {
                    self.expr(value);
                }
                Type::Unknown
            }
        }
    }

    fn variable(&mut self, name: &Text, at: &Range<usize>) -> Type {
        if let Some((_, ty)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return ty.clone();
        }
        let name = name.strip_prefix('.').unwrap_or(name);
        if let Some(variable) = self.env.names().find(|variable| variable.name == name) {
            return self.known(variable, at, None);
        }
        if TYPES.contains(&name) {
            return Type::Type;
        }
        if PACKAGES.contains(&name) {
            return Type::Unknown;
        }
        let locals = self.locals.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = locals.chain(self.env.names().map(|known| known.name)).collect();
        let message = format!("{} knows no `{name}`", self.env.name);
        let mistake = Mistake::new(Fault::Unknown, at.clone(), message, "not a name that it knows");
        self.report(hints::unknown_variable(mistake, name, self.env, &names))
    }

    /// The type of a variable or field, unless the version does not have it yet.
    fn known(&mut self, variable: &Variable, at: &Range<usize>, of: Option<&str>) -> Type {
        let (Some(since), Some(version)) = (variable.since, self.version) else { return variable.is.value() };
        if since <= version {
            return variable.is.value();
        }
        let (name, (major, minor)) = (variable.name, since);
        let message = match of {
            Some(object) => format!("{object} has no `{name}` before version {major}.{minor}"),
            None => format!("{} knows no `{name}` before version {major}.{minor}", self.env.name),
        };
        let label = format!("the version here is {}.{}", version.0, version.1);
        self.report(Mistake::new(Fault::Unknown, at.clone(), message, &label))
    }

    fn select(&mut self, of: &Type, field: &Name) -> Type {
        match of {
            Type::Unknown => Type::Unknown,
            Type::Dyn => Type::Dyn,
            Type::Map(types) => types.1.clone(),
            Type::Object(object) => {
                let known = object.fields.iter().find(|known| known.name == field.text.as_str());
                if let Some(known) = known {
                    return self.known(known, &field.at, Some(object.shown));
                }
                let names: Vec<&str> = object.fields.iter().map(|known| known.name).collect();
                let message = format!("{} has no field `{}`", object.shown, field.text);
                let mistake =
                    Mistake::new(Fault::Unknown, field.at.clone(), message, "not one of its fields");
                self.report(hints::near(mistake, &field.text, &names, "its fields are"))
            }
            _ => {
                let message = format!("{} has no fields, so no `{}`", of.shown(), field.text);
                self.report(Mistake::new(Fault::Type, field.at.clone(), message, "selected here"))
            }
        }
    }

    fn has(&mut self, arg: &Expr) -> Type {
        match &arg.kind {
            Kind::Select(..) => {
                self.expr(arg);
                Type::Bool
            }
            _ => {
                let message = "`has` takes the selection of a field".to_owned();
                self.report(Mistake::new(Fault::Type, arg.at.clone(), message, "selects nothing"))
            }
        }
    }

    fn index(&mut self, of: &Expr, index: &Expr, at: &Range<usize>) -> Type {
        let (container, key) = (self.expr(of), self.expr(index));
        match &container {
            Type::Unknown | Type::Dyn => container,
            Type::List(item) if Type::Int.agrees(&key) => (**item).clone(),
            Type::Map(types) if types.0.agrees(&key) => types.1.clone(),
            _ => {
                let message = format!("{} has no element at {}", container.shown(), key.shown());
                self.report(Mistake::new(Fault::Type, at.clone(), message, "looked up here"))
            }
        }
    }

    fn comprehension(&mut self, of: &Expr, name: &Name, args: &[Expr]) -> Type {
        let item = match self.expr(of) {
            Type::List(item) => (*item).clone(),
            Type::Map(types) => types.0.clone(),
            open if open.is_open() => open,
            other => {
                let message =
                    format!("`{}` goes through a list or map, and this is {}", name.text, other.shown());
                self.report(Mistake::new(Fault::Type, of.at.clone(), message, "neither of them"))
            }
        };
        let Kind::Name(local) = &args[0].kind else {
            let message = format!("`{}` takes the name of a variable first", name.text);
            return self.report(Mistake::new(Fault::Syntax, args[0].at.clone(), message, "not a name"));
        };
        self.locals.push((local.clone(), item.clone()));
        let types: Vec<Type> = args[1..].iter().map(|arg| self.expr(arg)).collect();
        self.locals.pop();
        let (result, tests) = match (name.text.as_str(), types.as_slice()) {
            ("map", [.., last]) => (Type::List(Rc::new(last.clone())), types.len() - 1),
            ("filter", _) => (Type::List(Rc::new(item)), 1),
            _ => (Type::Bool, 1),
        };
        for (test, ty) in args[1..].iter().zip(&types).take(tests) {
            self.boolean(test, ty, &name.text);
        }
        result
    }

    /// Reports what should be true or false and is not.
    fn boolean(&mut self, expr: &Expr, ty: &Type, taker: &str) -> bool {
        if Type::Bool.agrees(ty) {
            return true;
        }
        let message = format!("`{taker}` takes true or false, and this is {}", ty.shown());
        self.report(hints::not_bool(expr.at.clone(), message, ty));
        false
    }

    fn call(&mut self, of: Option<&Expr>, name: &Name, args: &[Expr]) -> Type {
        let types: Vec<Type> = of.into_iter().chain(args).map(|arg| self.expr(arg)).collect();
        let member = of.is_some();
        let env = self.env;
        let all = || FUNCTIONS.iter().chain(env.functions);
        let mut forms = all().filter(|form| form.name == name.text.as_str()).peekable();
        if forms.peek().is_none() {
            // Macros that were given another number of arguments are functions, which do not exist.
            let macros = MACROS.iter().map(|(name, _)| *name).filter(|_| member);
            let names: Vec<&str> =
                all().filter(|form| form.member == member).map(|form| form.name).chain(macros).collect();
            let message = match names.contains(&name.text.as_str()) {
                true => format!("`{}` does not take {} arguments", name.text, args.len()),
                false => format!("{} knows no function `{}`", self.env.name, name.text),
            };
            let mistake = Mistake::new(Fault::Unknown, name.at.clone(), message, "called here");
            return self.report(hints::near(mistake, &name.text, &names, "the functions are"));
        }
        let forms: Vec<&Overload> = forms.collect();
        match fitting(&forms, member, &types) {
            Some(ty) => ty,
            None => {
                let mistake = hints::no_form(&forms, member, name, &types);
                self.report(mistake)
            }
        }
    }

    fn unary(&mut self, sign: &str, times: usize, of: &Expr, at: &Range<usize>) -> Type {
        let ty = self.expr(of);
        if ty.is_open() {
            return if sign == "!" { Type::Bool } else { ty };
        }
        let fits = match sign {
            "!" => ty == Type::Bool,
            _ => matches!(ty, Type::Int | Type::Double),
        };
        if fits {
            return ty;
        }
        let place = at.start..at.start + times;
        let what = if sign == "!" { "true or false" } else { "an int or a double" };
        let message = format!("`{sign}` takes {what}, and this is {}", ty.shown());
        self.report(hints::not_bool(place, message, if sign == "!" { &ty } else { &Type::Unknown }))
    }

    fn binary(&mut self, sign: &'static str, at: &Range<usize>, left: &Expr, right: &Expr) -> Type {
        let (a, b) = (self.expr(left), self.expr(right));
        let ty = match sign {
            "&&" | "||" => {
                // Both sides are looked at, so that each mistake is said.
                self.boolean(left, &a, sign);
                self.boolean(right, &b, sign);
                return Type::Bool;
            }
            "==" | "!=" => {
                self.unquoted(&a, right);
                self.unquoted(&b, left);
                a.agrees(&b).then_some(Type::Bool)
            }
            "in" => match &b {
                Type::List(item) => item.agrees(&a),
                Type::Map(types) => types.0.agrees(&a),
                other => other.is_open(),
            }
            .then_some(Type::Bool),
            "<" | "<=" | ">" | ">=" => {
                let ordered =
                    |ty: &Type| !matches!(ty, Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Type);
                (ordered(&a) && ordered(&b) && a.agrees(&b)).then_some(Type::Bool)
            }
            _ => arithmetic(sign, &a, &b),
        };
        match ty {
            Some(ty) => ty,
            None => {
                let mistake = hints::no_operator(self.env, sign, at, (left, &a), (right, &b));
                self.report(mistake);
                // A comparison is one whatever its sides are.
                if matches!(sign, "+" | "-" | "*" | "/" | "%") { Type::Unknown } else { Type::Bool }
            }
        }
    }

    /// An unknown name that is compared with text was meant to be text.
    fn unquoted(&mut self, other: &Type, expr: &Expr) {
        if let (Type::Str, Kind::Name(name), Some(mistake)) = (other, &expr.kind, self.out.last_mut())
            && mistake.fault == Fault::Unknown
            && mistake.at == expr.at
            && mistake.edits.is_empty()
        {
            mistake.help = Some(format!("write text in quotes: `\"{name}\"`, or `'{name}'`"));
        }
    }

    fn ternary(&mut self, [test, yes, no]: &[Expr; 3]) -> Type {
        let ty = self.expr(test);
        self.boolean(test, &ty, "?:");
        let (a, b) = (self.expr(yes), self.expr(no));
        if a.agrees(&b) {
            return a.join(b);
        }
        let message = format!("the two sides of `:` are {} and {}", a.shown(), b.shown());
        self.report(Mistake::new(Fault::Type, no.at.clone(), message, "not of the type of the other side"))
    }
}

/// How the names of messages begin, which are not listed here.
const PACKAGES: &[&str] = &["google", "talos"];

/// Whether a path begins with a package.
fn of_package(path: &Expr) -> bool {
    match &path.kind {
        Kind::Select(of, _) => of_package(of),
        Kind::Name(name) => PACKAGES.contains(&name.strip_prefix('.').unwrap_or(name)),
        _ => false,
    }
}

fn literal(lit: &Lit) -> Type {
    match lit {
        Lit::Int(_) => Type::Int,
        Lit::Uint(_) => Type::Uint,
        Lit::Double => Type::Double,
        Lit::Str(_) => Type::Str,
        Lit::Bytes => Type::Bytes,
        Lit::Bool(_) => Type::Bool,
        Lit::Null => Type::Null,
    }
}

/// What the forms that take these types give.
fn fitting(forms: &[&Overload], member: bool, types: &[Type]) -> Option<Type> {
    let fits = |form: &&&Overload| {
        form.member == member
            && form.takes.len() == types.len()
            && form.takes.iter().zip(types).all(|(takes, ty)| takes.takes(ty))
    };
    let mut found = forms.iter().filter(fits).map(|form| form.gives.value());
    let first = found.next()?;
    if found.all(|other| other == first) {
        return Some(first);
    }
    Some(if types.contains(&Type::Unknown) { Type::Unknown } else { Type::Dyn })
}

fn arithmetic(sign: &str, a: &Type, b: &Type) -> Option<Type> {
    if *a == Type::Unknown || *b == Type::Unknown {
        return Some(Type::Unknown);
    }
    if let ("+", Type::List(x), Type::List(y)) = (sign, a, b) {
        return x.agrees(y).then(|| Type::List(Rc::new((**x).clone().join((**y).clone()))));
    }
    let forms: Vec<&Overload> = OPERATORS.iter().filter(|form| form.name == sign).collect();
    fitting(&forms, false, &[a.clone(), b.clone()])
}
