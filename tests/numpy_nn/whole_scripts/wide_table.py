import numpy as np
import pandas as pd
import keras
from keras import layers
from sklearn.model_selection import train_test_split

# A made-up churn table with numbers, categories, flags and gaps
rng = np.random.RandomState(13)
n = 320
df = pd.DataFrame(
    {
        "customerID": np.arange(n),
        "gender": rng.choice(["Female", "Male"], n),
        "tenure": rng.randint(0, 72, n),
        "Contract": rng.choice(["Month-to-month", "One year", "Two year"], n, p=[0.5, 0.3, 0.2]),
        "PaymentMethod": rng.choice(["Check", "Card", "Transfer"], n),
        "MonthlyCharges": rng.uniform(18, 118, n).round(2),
        "Partner": rng.rand(n) < 0.5,
    }
)
df.loc[::29, "MonthlyCharges"] = np.nan
risk = 0.03 * df["MonthlyCharges"].fillna(60) - 0.05 * df["tenure"] + 1.5 * (df["Contract"] == "Month-to-month")
df["Churn"] = np.where(risk + rng.randn(n) * 0.5 > 1.2, "Yes", "No")
print(df["Churn"].value_counts().to_dict())

df = df.drop("customerID", axis="columns")
df["MonthlyCharges"] = df["MonthlyCharges"].fillna(df["MonthlyCharges"].median())
df["gender"] = df["gender"].replace({"Female": 1, "Male": 0}).astype("Int64")
df["Churn"] = df["Churn"].map({"Yes": 1, "No": 0})
df2 = pd.get_dummies(data=df, columns=["Contract", "PaymentMethod"])
print(df2.columns.tolist())
print(df2.dtypes.astype(str).value_counts().to_dict())
df2[["tenure", "MonthlyCharges"]] = (df2[["tenure", "MonthlyCharges"]] - df2[["tenure", "MonthlyCharges"]].mean()) / df2[["tenure", "MonthlyCharges"]].std()

X = df2.drop("Churn", axis="columns")
y = df2["Churn"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=5)

model = keras.Sequential(
    [
        layers.Dense(20, input_shape=(X_train.shape[1],), activation="relu"),
        layers.Dense(10, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
print("parameters", model.count_params())
history = model.fit(X_train.astype("float32"), y_train, epochs=10, verbose=0)
print("as floats", history.history["loss"][0], history.history["loss"][-1])

# only the boolean columns, as get_dummies makes them
dummies = pd.get_dummies(df[["Contract", "PaymentMethod"]])
small = keras.Sequential([keras.Input(shape=(dummies.shape[1],)), layers.Dense(6, activation="relu"), layers.Dense(1, "sigmoid")])
small.compile(optimizer="adam", loss="binary_crossentropy", metrics=["acc"])
history = small.fit(dummies, df["Churn"], epochs=10, verbose=0, validation_split=0.2)
print("booleans", history.history["loss"][0], history.history["loss"][-1], history.history["val_acc"][-1])

# dummies next to numbers, whole frame as it is
mixed = pd.concat([df2[["tenure", "MonthlyCharges"]], dummies], axis=1)
both = keras.Sequential([keras.Input(shape=(mixed.shape[1],)), layers.Dense(6, activation="relu"), layers.Dense(1, "sigmoid")])
both.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["AUC"])
history = both.fit(mixed.values.astype(float), df["Churn"].values, epochs=10, verbose=0)
print("mixed", {name: values[-1] for name, values in history.history.items()})
print("frame", both.evaluate(mixed.astype("float64"), df[["Churn"]], verbose=0))

yp = model.predict(X_test.astype("float32"), verbose=0)
y_pred = [1 if element > 0.5 else 0 for element in yp]
print(pd.crosstab(np.asarray(y_test), np.array(y_pred)).to_string())
print("accuracy", np.mean(np.array(y_pred) == y_test))
print("evaluate", model.evaluate(X_test.astype("float32"), y_test, verbose=0))
